export type LogWatch = ReturnType<typeof createLogWatch>;

/** Reads every record of the log as it is written, and keeps none but the bad ones. */
export function createLogWatch() {
  const secrets: string[] = [];
  const handles = new Set<string>();
  const found: string[] = [];
  const note = (what: string) => {
    if (found.length < 20) found.push(what);
  };
  return {
    secrets,
    found,
    addHandle(handle: string) {
      if (handle === '') return;
      handles.add(handle);
      if (handles.size > 200) handles.delete(handles.values().next().value ?? '');
    },
    log(level: string, fields: unknown, message: string) {
      const text = `${message} ${JSON.stringify(fields)}`;
      if (level === 'error') note(text);
      for (const secret of [...secrets, ...handles]) if (text.includes(secret)) note(`a secret in the log: ${text}`);
    },
  };
}
