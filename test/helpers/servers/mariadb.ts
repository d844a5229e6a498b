/** A throw-away MariaDB with a database `test` and a user `test`. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { dataFolder, unprivileged } from './account';
import { findProgram } from './binaries';
import { startDaemon, withFreePort } from './daemon';
import type { Recipe, RunningServer } from './recipe';

const firstStatements = [
  'CREATE DATABASE test',
  "CREATE USER 'test'@'%' IDENTIFIED BY 'test'",
  "GRANT ALL ON *.* TO 'test'@'%'",
];

export const mariadb: Recipe = {
  name: 'mariadb',
  // The two without a service of their own, so that nothing starts at installation.
  packages: ['mariadb-server-core', 'mariadb-client-core'],
  find() {
    const server = findProgram('mariadbd', ['/usr/sbin', '/usr/libexec', '/usr/local/sbin']);
    const install = findProgram('mariadb-install-db', ['/usr/bin', '/usr/local/bin']);
    if (server === undefined || install === undefined) return undefined;
    return () => withFreePort((port) => start(server, install, port));
  },
};

async function start(server: string, install: string, port: number): Promise<RunningServer> {
  const account = unprivileged('mysql');
  const folder = dataFolder('mariadb', account);
  const data = path.join(folder, 'data');
  const small = [
    '--no-defaults',
    `--datadir=${data}`,
    '--innodb-log-file-size=8M',
    '--innodb-buffer-pool-size=32M',
  ];
  execFileSync(install, [...small, '--auth-root-authentication-method=normal', '--skip-test-db'], {
    ...account,
    cwd: folder,
    stdio: 'ignore',
  });
  const initFile = path.join(folder, 'init.sql');
  writeFileSync(initFile, firstStatements.map((statement) => `${statement};\n`).join(''));
  const { stop } = await startDaemon({
    command: server,
    args: [
      ...small,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${path.join(folder, 'mariadb.sock')}`,
      `--pid-file=${path.join(folder, 'mariadb.pid')}`,
      `--init-file=${initFile}`,
      '--skip-name-resolve',
      '--skip-log-bin',
      '--innodb-flush-log-at-trx-commit=0',
      '--max-connections=200',
    ],
    account,
    folder,
    readyLine: 'ready for connections',
    stopSignal: 'SIGTERM',
  });
  return { url: `mysql://test:test@127.0.0.1:${port}/test`, stop };
}
