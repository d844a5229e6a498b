/**
 * What a pod's manifest hands to the program through the downward API. Kubernetes prescribes no names for these
 * variables; these are those of its documentation (`MY_POD_NAME`), of its own programs (`POD_NAME`), of the OpenTelemetry
 * Operator (`OTEL_RESOURCE_ATTRIBUTES_POD_NAME`), and the attribute's name in capitals (`K8S_POD_NAME`).
 */
import type { Attributes } from '@opentelemetry/api';

const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  'k8s.pod.name': ['K8S_POD_NAME', 'OTEL_RESOURCE_ATTRIBUTES_POD_NAME', 'POD_NAME', 'MY_POD_NAME'],
  'k8s.pod.uid': ['K8S_POD_UID', 'OTEL_RESOURCE_ATTRIBUTES_POD_UID', 'POD_UID', 'MY_POD_UID'],
  'k8s.namespace.name': [
    'K8S_NAMESPACE_NAME',
    'K8S_POD_NAMESPACE',
    'K8S_NAMESPACE',
    'OTEL_RESOURCE_ATTRIBUTES_POD_NAMESPACE',
    'POD_NAMESPACE',
    'MY_POD_NAMESPACE',
  ],
  'k8s.node.name': ['K8S_NODE_NAME', 'OTEL_RESOURCE_ATTRIBUTES_NODE_NAME', 'NODE_NAME', 'MY_NODE_NAME'],
  'k8s.container.name': ['K8S_CONTAINER_NAME'],
  'k8s.deployment.name': ['K8S_DEPLOYMENT_NAME'],
  'k8s.cluster.name': ['K8S_CLUSTER_NAME'],
};

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param env the environment
 * @returns nothing outside of a pod: `NODE_NAME` means other things elsewhere, in Jenkins for example
 */
export function detectKubernetes(env: Environment): Attributes {
  const attributes: Attributes = {};
  if (!env.KUBERNETES_SERVICE_HOST) return attributes;
  for (const [attribute, names] of Object.entries(VARIABLES)) {
    const name = names.find((candidate) => env[candidate]);
    if (name !== undefined) attributes[attribute] = env[name];
  }
  return attributes;
}
