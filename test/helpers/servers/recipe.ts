/** What the provisioner has to know about one kind of server. */
import type { ServerName } from '../needs';

export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

export interface Recipe {
  name: ServerName;
  /** Debian's packages with the server's programs. */
  packages: readonly string[];
  /** The start function, or undefined when the programs are not on this machine. */
  find(): (() => Promise<RunningServer>) | undefined;
}
