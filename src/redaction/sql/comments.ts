/**
 * White space and comments, and what all readers of tokens share.
 *
 * Some characters can be read in two ways, depending on settings of the server that nobody here knows: `\'` in a string
 * (`NO_BACKSLASH_ESCAPES` of MySQL, `standard_conforming_strings` of PostgreSQL), what is a comment in a dialect that
 * nobody told us. A wrong reading turns strings inside out. So wherever quotes depend on it, everything behind is one
 * literal; only for backslashes both readings are tried, see {@link SqlGapReader.guess}.
 */
import type { DialectRules } from './dialect';
import * as lexer from './lexer';
import { SqlOutput } from './output';
import { SummaryBuilder } from './summary';

export class SqlGapReader {
  protected readonly output = new SqlOutput();
  protected readonly summary = new SummaryBuilder();
  protected text = '';
  protected rules: DialectRules;
  /** Whether a backslash protects a quote in ordinary strings. */
  protected escapes = false;
  /** A quote behind a backslash was seen. */
  protected isGuessing = false;
  /** The text makes no sense as it was read: it ends within quotes, or has a backslash outside of them. */
  protected isWrong = false;
  private inExecutableComment = false;

  constructor(rules: DialectRules) {
    this.rules = rules;
  }

  protected begin(text: string, rules: DialectRules, escapes: boolean): void {
    this.text = text;
    this.rules = rules;
    this.escapes = escapes;
    this.isGuessing = this.isWrong = this.inExecutableComment = false;
    this.output.begin(text);
    this.summary.begin(text);
  }

  /**
   * The string that begins at `start` has a quote behind a backslash. It is read as the dialect usually does; the result
   * counts if the whole text makes sense that way, and none the other way.
   */
  protected guess(start: number): void {
    if (this.isGuessing) return;
    this.isGuessing = true;
    this.output.doubt(start);
    this.summary.result.mark();
  }

  /** From `start` on nobody can tell strings from code. */
  protected giveUp(start: number): number {
    const { text } = this;
    this.output.mask(start, text.length);
    this.summary.mute();
    return text.length;
  }

  /** White space and comments: one blank in the result. */
  protected gap(start: number): number {
    const { text } = this;
    let end = start;
    let hasComment = false;
    while (end < text.length) {
      const kind = lexer.kindOf(text.charCodeAt(end));
      if (kind === lexer.SPACE) {
        end++;
        continue;
      }
      const behind = this.endOfComment(end, kind);
      if (behind === end) break;
      if (behind < 0) {
        this.output.gap(start, end, true);
        return this.giveUp(end);
      }
      end = behind;
      hasComment = true;
    }
    const isPlain = end - start === 1 && text.charCodeAt(start) === 32 && start > 0 && end < text.length;
    if (!isPlain) this.output.gap(start, end, hasComment);
    return end;
  }

  /** The position behind the comment at `i`; `i` itself if there is none, -1 if it may be something else. */
  private endOfComment(i: number, kind: number): number {
    const { text, rules } = this;
    switch (kind) {
      case lexer.DASH: {
        if (!this.startsDashComment(i)) return i;
        const end = lexer.endOfLine(text, i, rules.carriageReturnEndsComment);
        // `a--'b'` is arithmetic in MySQL.
        const isCertain = rules.isKnown || text.charCodeAt(i + 2) <= 32 || !lexer.hasQuote(text, i, end);
        return isCertain ? end : -1;
      }
      case lexer.HASH: {
        if (!this.startsHashComment(i)) return i;
        const end = lexer.endOfLine(text, i, false);
        // A comment in MySQL, a name or an operator elsewhere.
        return rules.isKnown || !lexer.hasQuote(text, i, end) ? end : -1;
      }
      case lexer.SLASH:
        return text.charCodeAt(i + 1) === 42 ? this.endOfBlock(i) : i;
      case lexer.STAR:
        if (!this.closesExecutableComment(i)) return i;
        this.inExecutableComment = false;
        return i + 2;
      default:
        return i;
    }
  }

  private endOfBlock(i: number): number {
    const { text, rules } = this;
    if (this.inExecutableComment) return -1;
    if (this.isExecutable(i + 2) && (rules.executableComments || !rules.isKnown)) {
      const close = lexer.endOfComment(text, i, false);
      // Servers older than the version in it see a comment, the others code.
      if (lexer.hasQuote(text, i, close)) return -1;
      if (!rules.executableComments) return close;
      this.inExecutableComment = true;
      return lexer.endOfVersion(text, text.indexOf('!', i) + 1);
    }
    const end = lexer.endOfComment(text, i, rules.nestedComments);
    return rules.isKnown || !lexer.nestedCommentSeen() ? end : -1;
  }

  /** `!` of MySQL and `M!` of MariaDB, behind the opening of a comment. */
  private isExecutable(position: number): boolean {
    const c = this.text.charCodeAt(position);
    return c === 33 || (c === 77 && this.text.charCodeAt(position + 1) === 33);
  }

  protected closesExecutableComment(position: number): boolean {
    return this.inExecutableComment && this.text.charCodeAt(position + 1) === 47;
  }

  protected startsDashComment(position: number): boolean {
    if (this.text.charCodeAt(position + 1) !== 45) return false;
    // Behind the end of the text there is NaN, which is not greater than anything.
    return !this.rules.dashesNeedBlank || !(this.text.charCodeAt(position + 2) > 32);
  }

  protected startsHashComment(position: number): boolean {
    const { hash } = this.rules;
    if (hash !== 'unknown') return hash === 'comment';
    // `#>`, `#>>` and `#-` are operators on JSON (PostgreSQL manual, 9.16).
    const next = this.text.charCodeAt(position + 1);
    return next !== 62 && next !== 45;
  }
}
