/** What every command gets and gives. Only main.ts ends the process. */
export interface CommandIo {
  stdout(text: string): void;
  stderr(text: string): void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Decides about colour. */
  readonly stdoutIsTTY?: boolean;
}

/** Returns the exit code: 0 fine, 1 problems, 2 wrong usage. */
export type Command = (args: readonly string[], io: CommandIo) => Promise<number>;
