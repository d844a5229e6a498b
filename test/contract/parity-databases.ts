/** What the official instrumentations of databases say in other words than ours, and what ours leave out on purpose. */

interface Official {
  readonly version: string;
  /** The version of the library in its fixture that it takes, where that is not the newest. */
  readonly of?: string;
  /** A route that does not end under it. */
  readonly not?: string;
}

/** By the last part of their names. */
export const officialVersions: Readonly<Record<string, Official>> = {
  // A statement that fails and that nobody listens to holds the request up there.
  mysql: { version: '^0.70.0', not: '/no-table-unheard' },
  mysql2: { version: '^0.70.0' },
  ioredis: { version: '^0.72.0' },
  redis: { version: '^0.72.0' },
  mongodb: { version: '^0.77.0' },
  memcached: { version: '^0.67.0' },
};

/** Attributes of older conventions, which some of them still have. */
export const newNames: Readonly<Record<string, string>> = {
  'db.system': 'db.system.name',
  'db.statement': 'db.query.text',
  'db.name': 'db.namespace',
  'db.operation': 'db.operation.name',
  'db.mongodb.collection': 'db.collection.name',
  'net.peer.name': 'server.address',
  'net.peer.port': 'server.port',
};

export interface Difference {
  readonly attribute: string;
  readonly of: readonly string[];
  /** One sentence, as it stands in docs/parity.md. */
  readonly reason: string;
  /** It is there in some runs only. */
  readonly depends?: true;
  /**
   * Whether theirs differs in just this way.
   * @param ours of the same route
   * @param all of all routes
   */
  allows(theirs: string, ours: ReadonlySet<string>, all: ReadonlySet<string>): boolean;
}

const has = (ours: ReadonlySet<string>, start: string): boolean =>
  [...ours].some((own) => own.startsWith(start));
const command = (text: string): string => text.split(' ')[0] ?? '';

export const differences: readonly Difference[] = [
  {
    attribute: 'db.query.text',
    of: ['ioredis', 'redis'],
    reason: 'Each value is `?`. Theirs has the number of the arguments that are left out, or the values.',
    allows: (theirs, ours) =>
      /^(multi|exec)$/.test(theirs) || [...ours].some((own) => own.includes(command(theirs).toUpperCase())),
  },
  {
    attribute: 'db.query.text',
    of: ['mysql', 'mysql2'],
    reason: 'Literals are replaced by `?`.',
    allows: (theirs, ours) => has(ours, theirs.split(/['\d]/)[0] ?? ''),
  },
  {
    attribute: 'db.query.text',
    of: ['mysql2'],
    reason: 'Theirs has statements of other requests below the one that opened the connection.',
    allows: (theirs, ours, all) => !ours.has(theirs) && all.has(theirs),
  },
  {
    attribute: 'db.query.text',
    of: ['mongodb'],
    reason: 'It is the whole command, with the names of collections and the fields that are no data.',
    allows: (theirs) => /^[[{]/.test(theirs),
  },
  {
    attribute: 'db.operation.name',
    of: ['ioredis'],
    reason: 'Commands of Redis have capital letters, and a transaction is one span.',
    allows: (theirs, ours) => ours.has(theirs.toUpperCase()) || has(ours, 'MULTI') || has(ours, 'PIPELINE'),
  },
  ...['db.operation.name', 'db.query.text'].map((attribute) => ({
    attribute,
    of: ['ioredis'],
    reason: 'What the client says to the server of itself has no span.',
    allows: (theirs: string) => /^(hello|info|select|client|connect)\b/.test(theirs),
  })),
  ...['db.operation.name', 'db.query.text'].map((attribute) => ({
    attribute,
    of: ['ioredis', 'redis'],
    reason:
      'What a listener of messages sends belongs to no request. Theirs is below the one that subscribed.',
    allows: (theirs: string) => /^get$|:heard$/i.test(theirs),
  })),
  {
    attribute: 'db.operation.name',
    of: ['redis'],
    reason: 'A pipeline of one command is that command.',
    allows: (theirs, ours) => ours.has(theirs.replace(/^PIPELINE /, '')),
  },
  {
    attribute: 'db.operation.name',
    of: ['memcached'],
    reason: 'It is the command without its arguments, `stats` for `stats settings`.',
    allows: (theirs, ours) => ours.has(command(theirs)),
  },
  {
    attribute: 'db.operation.name',
    of: ['mongodb'],
    reason:
      'The driver itself sends `killCursors` for a cursor that was left, and `endSessions`. They have no span.',
    allows: (theirs) => theirs === 'killCursors' || theirs === 'endSessions',
  },
  {
    attribute: 'db.collection.name',
    of: ['mongodb'],
    reason: 'Theirs is `$cmd` for commands that are about a collection.',
    allows: (theirs) => theirs === '$cmd',
  },
  {
    attribute: 'db.namespace',
    of: ['mongodb'],
    depends: true,
    reason: 'What the driver sends to `admin` when a client is closed has no span.',
    allows: (theirs) => theirs === 'admin',
  },
  {
    attribute: 'db.system.name',
    of: ['mysql', 'mysql2'],
    reason: 'A server that says it is MariaDB is `mariadb`.',
    allows: (theirs, ours) => theirs === 'mysql' && ours.has('mariadb'),
  },
  {
    attribute: 'db.memcached.key',
    of: ['memcached'],
    reason: 'Keys stand in `db.query.text`.',
    allows: () => true,
  },
  {
    attribute: 'db.memcached.lifetime',
    of: ['memcached'],
    reason: 'It is a value.',
    allows: () => true,
  },
  {
    attribute: 'memcached.version',
    of: ['memcached'],
    reason: 'It is the version of the library, which says nothing of the operation.',
    allows: () => true,
  },
];

/** Their spans of connections that are opened; ours are there only where they take more than 1 ms or fail. */
export const CONNECTING: ReadonlySet<string> = new Set(['connect', 'redis-connect']);

/** The line of docs/parity.md about a difference. */
export const documented = ({ attribute, of, reason }: Difference): string =>
  `| \`${attribute}\` | ${of.join(', ')} | ${reason} |`;
