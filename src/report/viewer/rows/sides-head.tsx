/** Titles of a table that tells base, head and change. */
export function SidesHead({ title }: { readonly title?: string }) {
  return (
    <thead>
      <tr>
        {title === undefined ? <td /> : <th scope="col">{title}</th>}
        <th scope="col">base</th>
        <th scope="col">head</th>
        <th scope="col">change</th>
      </tr>
    </thead>
  );
}
