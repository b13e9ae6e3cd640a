/** What takes longer comes after what is read first. */
import { useEffect, useState } from 'preact/hooks';

/** False until what is drawn with it is on the screen, or is drawn for nobody to see. */
export function useFirstPaint(): boolean {
  const [isPainted, setIsPainted] = useState(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (): void => void (timer = setTimeout(() => setIsPainted(true)));
    if (document.hidden) later();
    const frame = requestAnimationFrame(later);
    return () => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
    };
  }, []);
  return isPainted;
}
