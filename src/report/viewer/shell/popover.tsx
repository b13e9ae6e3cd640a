/**
 * A button that opens what it is about above everything else; closed by Escape or a click elsewhere. What is in it is there
 * while it is open: menus count through all rows.
 */
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

interface PopoverProps {
  readonly label: ComponentChildren;
  /** Where the label alone does not say it. */
  readonly name?: string;
  readonly children: ComponentChildren;
  readonly wide?: boolean;
}

export function Popover({ label, name, children, wide = false }: PopoverProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const place = (): void => {
    if (button.current !== null && box.current !== null) placeBelow(button.current, box.current);
  };
  return (
    <>
      <button type="button" class="menu-button" ref={button} popoverTarget={id} aria-label={name}>
        {label}
        <span aria-hidden="true" class="caret" />
      </button>
      <div
        {...{ id, ref: box, popover: 'auto', class: wide ? 'popover wide' : 'popover' }}
        onBeforeToggle={({ newState }) => newState === 'open' && setIsOpen(true)}
        onToggle={({ newState }) => (newState === 'open' ? place() : setIsOpen(false))}
      >
        {isOpen ? children : null}
      </div>
    </>
  );
}

const margin = 8;

/** Below the button and inside the window; narrow windows place it by their style sheet. */
function placeBelow(button: HTMLElement, box: HTMLElement): void {
  const { left, bottom } = button.getBoundingClientRect();
  const most = document.documentElement.clientWidth - box.offsetWidth - margin;
  box.style.left = `${Math.max(margin, Math.min(left, most))}px`;
  box.style.top = `${bottom + 4}px`;
  box.style.maxHeight = `${Math.max(160, document.documentElement.clientHeight - bottom - 4 - margin)}px`;
}
