/** The page of a task in the Temporal UI. */
export function taskUrl(uiUrl: string, namespace: string, taskId: string): string {
  const base = uiUrl.replace(/\/+$/u, '');
  return `${base}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(taskId)}`;
}
