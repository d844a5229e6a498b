/** CANVASOPS_PROPAGATE_TO: globs for the hosts that may be told of our trace. */
import { matchesGlob } from './ignore-paths';

export type HostFilter = (host: string, port: number | undefined) => boolean;

/** `*.example.com`, `10.0.*`, `example.com:8080`, `[::1]:*`; without a port every port is meant. undefined = every host. */
export function createHostFilter(globs: readonly string[] | undefined): HostFilter {
  if (globs === undefined) return () => true;
  const wanted = globs.map((glob) => glob.toLowerCase());
  return (host, port) => {
    const name = host.toLowerCase();
    const withPort = `${name.includes(':') ? `[${name}]` : name}:${port}`;
    return wanted.some((glob) => matchesGlob(name, glob) || matchesGlob(withPort, glob));
  };
}
