/**
 * White space and comments, and what all readers of tokens share.
 *
 * Some characters can be read in two ways, depending on settings of the server that nobody here knows
 * (`sql_mode`, `standard_conforming_strings`, the version in `/*!50701`). A reader goes on with the usual way and
 * remembers where it guessed. A wrong guess turns strings inside out, so the text then ends within a string or has
 * a backslash outside of one: everything behind the guess is masked in that case.
 */
import type { DialectRules } from './sql-dialect';
import * as lexer from './sql-lexer';
import { SqlOutput } from './sql-output';
import { SummaryBuilder } from './sql-summary';

export class SqlGapReader {
  protected readonly output = new SqlOutput();
  protected readonly summary = new SummaryBuilder();
  protected text = '';
  protected rules: DialectRules;
  protected isGuessing = false;
  protected isWrong = false;
  private inExecutableComment = false;

  constructor(rules: DialectRules) {
    this.rules = rules;
  }

  protected begin(text: string, rules: DialectRules): void {
    this.text = text;
    this.rules = rules;
    this.isGuessing = this.isWrong = this.inExecutableComment = false;
    this.output.begin(text);
    this.summary.begin(text);
  }

  /** What begins at `start` is read as the dialect usually does, but it could be something else. */
  protected guess(start: number): void {
    if (this.isGuessing) return;
    this.isGuessing = true;
    this.output.doubt(start);
    this.summary.result.mark();
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
      const behind = this.endOfComment(start, end, kind);
      if (behind === end) break;
      end = behind;
      hasComment = true;
    }
    const isPlain = end - start === 1 && text.charCodeAt(start) === 32 && start > 0 && end < text.length;
    if (!isPlain) this.output.gap(start, end, hasComment);
    return end;
  }

  /** The position behind the comment at `position`, or `position` itself if there is none. */
  private endOfComment(gapStart: number, position: number, kind: number): number {
    const { text, rules } = this;
    switch (kind) {
      case lexer.DASH:
        if (!this.startsDashComment(position)) return position;
        return lexer.endOfLine(text, position, rules.carriageReturnEndsComment);
      case lexer.HASH:
        if (!this.startsHashComment(position)) return position;
        if (rules.hash === 'unknown') this.guess(gapStart);
        return lexer.endOfLine(text, position, false);
      case lexer.SLASH: {
        if (text.charCodeAt(position + 1) !== 42) return position;
        if (rules.executableComments && this.isExecutable(position + 2)) {
          // Servers older than the version in it see a comment, the others code: it is read as code.
          this.guess(gapStart);
          this.inExecutableComment = true;
          return lexer.endOfVersion(text, text.indexOf('!', position) + 1);
        }
        const end = lexer.endOfComment(text, position, rules.nestedComments);
        if (rules.doubleQuotes === 'unknown' && lexer.nestedCommentSeen()) this.guess(gapStart);
        return end;
      }
      case lexer.STAR:
        if (!this.closesExecutableComment(position)) return position;
        this.inExecutableComment = false;
        return position + 2;
      default:
        return position;
    }
  }

  /** `/*!` of MySQL and `/*M!` of MariaDB. */
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
