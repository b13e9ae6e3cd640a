/** What the window is like now. */
import { useEffect, useState } from 'preact/hooks';

/** Panels stand beside one another. */
export const wideEnough = '(min-width: 60rem)';

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    // Paper is narrower than the window: what stands there is printed, and stays for when the printing is over.
    const update = (): void => {
      if (!matchMedia('print').matches) setMatches(list.matches);
    };
    list.addEventListener('change', update);
    return () => list.removeEventListener('change', update);
  }, [query]);
  return matches;
}
