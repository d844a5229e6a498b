/**
 * In which container the process runs, from what Linux tells it of its control groups and mounts. Shapes of runtimes:
 * docker, podman, containerd, CRI-O, ECS, with both drivers (cgroupfs, systemd) and both versions of control groups.
 */
import { readFileSync } from 'node:fs';
import type { Attributes } from '@opentelemetry/api';

const ID_LENGTH = 64;
/** ECS on Fargate: 32 hex digits of the task, `-`, decimal digits of the container. */
const ECS_TASK_LENGTH = 32;
const KUBELET_PODS = '/kubelet/pods/';

/** @returns `container.id`, and where kubelet's mounts show it `k8s.pod.uid` and `k8s.container.name` */
export function detectContainer(): Attributes {
  if (process.platform !== 'linux') return {};
  return containerAttributes(read('/proc/self/cgroup'), read('/proc/self/mountinfo'));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // no /proc, or not allowed under --permission
  }
}

/**
 * @param cgroup text of `/proc/self/cgroup` (cgroups(7))
 * @param mountinfo text of `/proc/self/mountinfo` (proc_pid_mountinfo(5))
 */
export function containerAttributes(cgroup: string, mountinfo: string): Attributes {
  const mounts = mountsOf(mountinfo);
  const attributes: Attributes = {};
  const id = idInControlGroups(cgroup) ?? idInMounts(mounts);
  if (id !== undefined) attributes['container.id'] = id;
  for (const { root, point } of mounts) {
    const at = root.indexOf(KUBELET_PODS);
    if (at < 0) continue;
    const [uid = '', kind, name] = root.slice(at + KUBELET_PODS.length).split('/');
    if (isPodUid(uid)) attributes['k8s.pod.uid'] ??= uid;
    // The file in which a container says why it ended is one of its own.
    if (kind === 'containers' && name && point === '/dev/termination-log')
      attributes['k8s.container.name'] = name;
  }
  return attributes;
}

/** Lines are `hierarchy:controllers:path`. In a control group namespace of its own a container sees but `/`. */
function idInControlGroups(cgroup: string): string | undefined {
  for (const line of cgroup.split('\n')) {
    const path = line.slice(line.indexOf(':', line.indexOf(':') + 1) + 1);
    // From the innermost on: containers run in containers.
    for (const segment of path.split('/').reverse()) {
      const id = idInSegment(segment);
      if (id !== undefined) return id;
    }
  }
  return undefined;
}

/** `<id>`, `docker-<id>.scope`, `libpod-<id>.scope`, `kubepods-pod<uid>.slice:cri-containerd:<id>`. */
function idInSegment(segment: string): string | undefined {
  const scope = segment.endsWith('.scope') ? segment.slice(0, -'.scope'.length) : segment;
  const bare = scope.slice(scope.lastIndexOf(':') + 1);
  if (isEcsId(bare)) return bare;
  const id = bare.slice(bare.lastIndexOf('-') + 1);
  return isContainerId(id) ? id : undefined;
}

interface Mount {
  /** The path in the file system that is mounted. */
  readonly root: string;
  /** Where it is to be seen. */
  readonly point: string;
}

function mountsOf(mountinfo: string): Mount[] {
  return mountinfo.split('\n').map((line) => {
    const [, , , root = '', point = ''] = line.split(' ', 5);
    return { root, point };
  });
}

/**
 * Runtimes mount files that lie in a folder with the container's id. In a pod `/etc/hostname` belongs to the sandbox that
 * all of its containers share, so that its id would be a wrong one (open-telemetry/opentelemetry-js-contrib#1408).
 */
function idInMounts(mounts: readonly Mount[]): string | undefined {
  const isPod = mounts.some(({ root }) => root.includes(KUBELET_PODS));
  // Podman's and CRI-O's own files of one container.
  const points = ['/run/.containerenv', '/run/secrets', ...(isPod ? [] : ['/etc/hostname'])];
  for (const point of points) {
    for (const mount of mounts) {
      if (mount.point !== point) continue;
      const segments = mount.root.split('/');
      if (segments.includes('sandboxes')) continue;
      const id = segments.reverse().find(isContainerId);
      if (id !== undefined) return id;
    }
  }
  return undefined;
}

function isContainerId(text: string): boolean {
  return text.length === ID_LENGTH && isHex(text);
}

function isEcsId(text: string): boolean {
  const counter = text.slice(ECS_TASK_LENGTH + 1);
  return (
    text[ECS_TASK_LENGTH] === '-' &&
    isHex(text.slice(0, ECS_TASK_LENGTH)) &&
    counter !== '' &&
    Number.isInteger(Number(counter))
  );
}

/** A UUID, or for the static pods of a node the hash of their manifest. */
function isPodUid(text: string): boolean {
  return (text.length === 36 || text.length === 32) && isHex(text.split('-').join(''));
}

function isHex(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (!((code >= 48 && code <= 57) || (code >= 97 && code <= 102))) return false;
  }
  return true;
}
