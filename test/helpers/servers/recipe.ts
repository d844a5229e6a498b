/** What the provisioner has to know about one kind of server. */
import type { ServerName } from '../needs';

export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

export interface Recipe {
  name: ServerName;
  /** Debian's packages with the server's programs; none where Debian does not have it. */
  packages: readonly string[];
  /** What to do where it is missing, if that is not to install the packages. */
  remedy?: string;
  /** The start function, or undefined when the programs are not on this machine. */
  find(): (() => Promise<RunningServer>) | undefined;
  /** Makes the programs where they are not on this machine; `find` finds them then. Throws with the reason. */
  build?(): Promise<void>;
}
