/** Which of the panels of one place is in front. */
import { useRef } from 'preact/hooks';
import type { Panel } from './panels.ts';

interface TabsProps {
  readonly panels: readonly Panel[];
  readonly shown: string;
  readonly choose: (id: string) => void;
  readonly name: string;
}

export function Tabs({ panels, shown, choose, name }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);
  if (panels.length < 2) return <h2 class="panel-title">{panels[0]?.title}</h2>;
  const walk = (event: KeyboardEvent): void => {
    const at = panels.findIndex(({ id }) => id === shown);
    const to = targetOf(event.key, at, panels.length);
    if (to === undefined) return;
    event.preventDefault();
    choose(panels[to]!.id);
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[to]?.focus();
  };
  return (
    <div role="tablist" aria-label={name} class="tabs" ref={list} onKeyDown={walk}>
      {panels.map(({ id, title }) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={`tab-${id}`}
          aria-selected={id === shown}
          aria-controls={id === shown ? `panel-${id}` : undefined}
          tabIndex={id === shown ? 0 : -1}
          onClick={() => choose(id)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

function targetOf(key: string, at: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return (at + 1) % count;
    case 'ArrowLeft':
      return (at + count - 1) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return undefined;
  }
}
