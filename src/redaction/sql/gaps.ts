/** White space and comments. */
import * as lexer from './lexer';
import type { Reading } from './reading';

export class GapReader {
  private inExecutableComment = false;

  constructor(private readonly reading: Reading) {}

  begin(): void {
    this.inExecutableComment = false;
  }

  /** White space and comments: one blank in the result. */
  gap(start: number): number {
    const { reading } = this;
    const { text } = reading;
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
        reading.output.gap(start, end, true);
        return reading.giveUp(end);
      }
      end = behind;
      hasComment = true;
    }
    const isPlain = end - start === 1 && text.charCodeAt(start) === 32 && start > 0 && end < text.length;
    if (!isPlain) reading.output.gap(start, end, hasComment);
    return end;
  }

  /** The position behind the comment at `i`; `i` itself if there is none, -1 if it may be something else. */
  private endOfComment(i: number, kind: number): number {
    const { text, rules } = this.reading;
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
    const { text, rules } = this.reading;
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
    const { reading } = this;
    const c = reading.text.charCodeAt(position);
    return c === 33 || (c === 77 && reading.text.charCodeAt(position + 1) === 33);
  }

  closesExecutableComment(position: number): boolean {
    return this.inExecutableComment && this.reading.text.charCodeAt(position + 1) === 47;
  }

  startsDashComment(position: number): boolean {
    const { reading } = this;
    if (reading.text.charCodeAt(position + 1) !== 45) return false;
    // Behind the end of the text there is NaN, which is not greater than anything.
    return !reading.rules.dashesNeedBlank || !(reading.text.charCodeAt(position + 2) > 32);
  }

  startsHashComment(position: number): boolean {
    const { reading } = this;
    const { hash } = reading.rules;
    if (hash !== 'unknown') return hash === 'comment';
    // `#>`, `#>>` and `#-` are operators on JSON (PostgreSQL manual, 9.16).
    const next = reading.text.charCodeAt(position + 1);
    return next !== 62 && next !== 45;
  }
}
