import { Button } from "@/ui/button";
import { withGoogle } from "./actions";
import { offersGoogle } from "./google";

/** Nothing where the auth server has no Google. */
export async function GoogleButton({ wanted }: { wanted: string }) {
  if (!(await offersGoogle())) return null;
  return (
    <form action={withGoogle} className="mb-5 border-b border-rule pb-5">
      <input type="hidden" name="redirect" value={wanted} />
      <Button size="l" wide="always" type="submit">
        Continue with Google
      </Button>
    </form>
  );
}
