export function View({ about }: { about: string }) {
  return <h1>Attention {about}</h1>;
}
