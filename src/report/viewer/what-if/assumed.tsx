/** What the page cannot know, since it holds no weights. */
export function Assumed({ weights }: { readonly weights: number }) {
  return (
    <p class="what-if-note">
      The page holds no weights: how far this target compresses {weights === 1 ? 'one of them' : `${weights} of them`}{' '}
      is assumed here. The line below computes it from the file.
    </p>
  );
}
