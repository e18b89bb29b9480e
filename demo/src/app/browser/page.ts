/** The element of index.html with this id. */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no ${kind.name} #${id}`);
  return found;
}

const views = ['loading', 'problem', 'signed-out', 'signed-in'] as const;

export function showView(name: (typeof views)[number]): void {
  for (const view of views) element(view, HTMLElement).hidden = view !== name;
  element('sign-out', HTMLButtonElement).hidden = name !== 'signed-in';
}

export function onClick(id: string, work: () => Promise<void>): void {
  const button = element(id, HTMLButtonElement);
  button.addEventListener('click', async () => {
    button.disabled = true;
    await work();
    button.disabled = false;
  });
}

export function create<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.append(...children);
  return made;
}
