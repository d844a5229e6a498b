/** Container ids and pods, read from files as the runtimes leave them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { containerAttributes } from '../../src/tracing/resource/container';
import { detectKubernetes } from '../../src/tracing/resource/kubernetes';

const ID = '4f1d3c2b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f00f';
const OTHER = 'be522444b60caf2d3934b8b24b916a8a314f4b68d4595aa419874657e8d103f2';
const POD = '2dd1d9f4-0b8c-4d0e-9b3a-6f5f0d2c7a11';
const POD_IN_SLICE = POD.split('-').join('_');

/** Mounts that every container has. */
const COMMON = [
  '1320 1357 0:377 / / rw,relatime master:247 - overlay overlay rw,lowerdir=/var/lib/containerd/l/5D465AGLTKRGC5C6WYKS6HL4V2',
  '1321 1320 0:379 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw',
  '1322 1320 0:380 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755,inode64',
  '1326 1325 0:27 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw',
];

function mountinfo(...lines: string[]): string {
  return [...COMMON, ...lines, ''].join('\n');
}

const inPod = [
  `1330 1320 259:1 /var/lib/kubelet/pods/${POD}/etc-hosts /etc/hosts rw,noatime - xfs /dev/nvme0n1p1 rw`,
  `1331 1322 259:1 /var/lib/kubelet/pods/${POD}/containers/shop/7b0e1a2c /dev/termination-log rw,noatime - xfs /dev/nvme0n1p1 rw`,
  `1336 1320 0:245 / /run/secrets/kubernetes.io/serviceaccount ro,relatime - tmpfs tmpfs rw,size=7914964k`,
];
const pod = { 'k8s.pod.uid': POD, 'k8s.container.name': 'shop' };

const cases: [title: string, cgroup: string, mounts: string, expected: Record<string, string>][] = [
  ['no container', '0::/user.slice/user-1000.slice/session-3.scope\n', mountinfo(), {}],
  ['a service of systemd', '0::/system.slice/shop.service\n', mountinfo(), {}],
  ['no files at all', '', '', {}],
  [
    'docker, cgroup v1',
    `12:memory:/docker/${ID}\n11:cpu,cpuacct:/docker/${ID}\n1:name=systemd:/docker/${ID}\n0::/system.slice/containerd.service\n`,
    mountinfo(),
    { 'container.id': ID },
  ],
  [
    'docker with systemd, cgroup v1',
    `11:pids:/system.slice/docker-${ID}.scope\n`,
    '',
    { 'container.id': ID },
  ],
  [
    'docker, cgroup v2 with a namespace of its own',
    '0::/\n',
    mountinfo(
      `1332 1320 254:1 /docker/volumes/${OTHER}/_data /data rw,relatime - ext4 /dev/vda1 rw`,
      `1333 1320 254:1 /var/lib/docker/containers/${ID}/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda1 rw`,
      `1334 1320 254:1 /var/lib/docker/containers/${ID}/hostname /etc/hostname rw,relatime - ext4 /dev/vda1 rw`,
    ),
    { 'container.id': ID },
  ],
  [
    'docker, cgroup v2, its data on a disk of its own',
    '0::/\n',
    mountinfo(`611 612 8:16 /docker/containers/${ID}/hostname /etc/hostname rw - ext4 /dev/sdb rw`),
    { 'container.id': ID },
  ],
  [
    'nerdctl',
    '0::/\n',
    mountinfo(
      `9 8 8:1 /var/lib/nerdctl/1935db59/containers/default/${ID}/hostname /etc/hostname rw - ext4 /dev/sda1 rw`,
    ),
    { 'container.id': ID },
  ],
  [
    'podman, cgroup v1',
    `10:devices:/machine.slice/libpod-${ID}.scope\n1:name=systemd:/machine.slice/libpod-${ID}.scope/container\n`,
    '',
    { 'container.id': ID },
  ],
  [
    'podman without root, cgroup v2',
    '0::/\n',
    mountinfo(
      `495 499 0:54 /containers/overlay-containers/${ID}/userdata/.containerenv /run/.containerenv rw,nosuid,nodev,relatime - tmpfs tmpfs rw,size=792480k`,
      `501 499 0:54 /containers/overlay-containers/${OTHER}/userdata/hostname /etc/hostname rw,nosuid,nodev - tmpfs tmpfs rw`,
    ),
    { 'container.id': ID },
  ],
  [
    'podman in a control group namespace of the host',
    `0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${ID}.scope/container\n`,
    '',
    { 'container.id': ID },
  ],
  [
    'Kubernetes on docker, cgroup v1',
    `11:freezer:/kubepods/burstable/pod${POD}/${ID}\n`,
    mountinfo(
      ...inPod,
      `13 12 8:1 /var/lib/docker/containers/${OTHER}/hostname /etc/hostname rw - ext4 /dev/sda1 rw`,
    ),
    { 'container.id': ID, ...pod },
  ],
  [
    'Kubernetes on containerd with systemd',
    `0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${POD_IN_SLICE}.slice/cri-containerd-${ID}.scope\n`,
    mountinfo(...inPod),
    { 'container.id': ID, ...pod },
  ],
  [
    'containerd since 1.5 without systemd delegation',
    `11:blkio:/system.slice/containerd.service/kubepods-besteffort-pod${POD_IN_SLICE}.slice:cri-containerd:${ID}\n`,
    '',
    { 'container.id': ID },
  ],
  [
    'a path that leads out of the namespace',
    `0::/../cri-containerd-${ID}.scope\n`,
    '',
    { 'container.id': ID },
  ],
  [
    'Kubernetes on containerd, cgroup v2: the sandbox is not the container',
    '0::/\n',
    mountinfo(
      ...inPod,
      `1334 1320 259:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${OTHER}/hostname /etc/hostname rw,noatime - xfs /dev/nvme0n1p1 rw`,
    ),
    pod,
  ],
  [
    'Kubernetes on docker, cgroup v2: neither is the pause container',
    '0::/\n',
    mountinfo(
      ...inPod,
      `13 12 8:1 /var/lib/docker/containers/${OTHER}/hostname /etc/hostname rw - ext4 /dev/sda1 rw`,
    ),
    pod,
  ],
  [
    'CRI-O, cgroup v2',
    '0::/\n',
    mountinfo(
      ...inPod,
      `21 20 0:25 /containers/storage/overlay-containers/${OTHER}/userdata/hostname /etc/hostname rw - tmpfs tmpfs rw`,
      `22 20 0:25 /containers/storage/overlay-containers/${ID}/userdata/run/secrets /run/secrets rw - tmpfs tmpfs rw`,
    ),
    { 'container.id': ID, ...pod },
  ],
  ['CRI-O, cgroup v1', `9:cpuset:/kubepods.slice/crio-${ID}.scope\n`, '', { 'container.id': ID }],
  [
    'ECS on EC2',
    `9:perf_event:/ecs/shop-task/55091c13-b8cf-4801-b527-f4601742204d/${ID}\n`,
    '',
    { 'container.id': ID },
  ],
  [
    'ECS on Fargate',
    '4:blkio:/ecs/f4c0a1d27a3b4f0b9ac6a5c2b8d3e4f5/f4c0a1d27a3b4f0b9ac6a5c2b8d3e4f5-2531612879\n',
    '',
    { 'container.id': 'f4c0a1d27a3b4f0b9ac6a5c2b8d3e4f5-2531612879' },
  ],
  ['a container in a container', `0::/docker/${OTHER}/docker/${ID}\n`, '', { 'container.id': ID }],
  ['a name that only looks like an id', `0::/system.slice/abc123.scope\n1:cpu:/deadbeef\n`, '', {}],
  ['cut off in the middle', '0:', `13 12 8:1 /var/lib/docker/containers/${ID}`, {}],
];

for (const [title, cgroup, mounts, expected] of cases) {
  test(title, () => assert.deepEqual(containerAttributes(cgroup, mounts), expected));
}

test("a pod's variables are read under their usual names", () => {
  const env = {
    KUBERNETES_SERVICE_HOST: '10.0.0.1',
    POD_NAME: 'shop-1',
    MY_NODE_NAME: 'node-a',
    POD_UID: '',
  };
  assert.deepEqual(detectKubernetes(env), { 'k8s.pod.name': 'shop-1', 'k8s.node.name': 'node-a' });
  const named = { ...env, K8S_POD_NAME: 'shop-2', K8S_NAMESPACE_NAME: 'prod', K8S_CLUSTER_NAME: 'eu' };
  assert.deepEqual(detectKubernetes(named), {
    'k8s.pod.name': 'shop-2',
    'k8s.namespace.name': 'prod',
    'k8s.node.name': 'node-a',
    'k8s.cluster.name': 'eu',
  });
});

test('outside of a pod they mean something else', () => {
  assert.deepEqual(detectKubernetes({ NODE_NAME: 'jenkins-agent-1' }), {});
});
