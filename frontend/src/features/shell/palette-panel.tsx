"use client";
import { Command } from "cmdk";
import { useTheme } from "next-themes";
import { useRouter } from "next/navigation";
import { Dialog } from "radix-ui";
import { signOut } from "@/features/auth/actions";
import { forgetAll } from "@/lib/kept";
import { Key } from "@/ui/bits";
import { acts } from "./acts";
import { ownPlaces, places } from "./nav";
import { openHelp } from "./palette";

type Props = { open: boolean; onOpenChange: (v: boolean) => void };

const item =
  "flex h-10 cursor-pointer items-center rounded-control px-3 text-body text-ink-2 data-[selected=true]:bg-paper-2 data-[selected=true]:text-ink max-lg:h-12";
const group =
  "[&_[cmdk-group-heading]]:overline-label [&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-2";

export default function PalettePanel({ open, onOpenChange }: Props) {
  const router = useRouter();
  const { resolvedTheme, setTheme } = useTheme();
  const then = (act: () => void) => () => {
    onOpenChange(false);
    act();
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-scrim" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed inset-x-3 top-[8vh] z-50 mx-auto max-w-xl settle overflow-hidden rounded-layer border border-rule bg-sheet shadow-lift"
        >
          <Dialog.Title className="sr-only">Find or jump</Dialog.Title>
          <Command label="Find or jump" loop>
            <Command.Input
              autoFocus
              placeholder="Where to, or what to make?"
              className="h-14 w-full border-b border-rule bg-transparent px-5 font-serif text-h4 outline-none placeholder:text-ink-3"
            />
            <Command.List className="max-h-[60vh] overflow-y-auto p-2">
              <Command.Empty className="px-3 py-6 text-ink-2">
                Nothing by that name. Try a shorter word.
              </Command.Empty>
              {acts.length ? (
                <Command.Group heading="Make" className={group}>
                  {acts.map((a) => (
                    <Command.Item
                      key={a.href}
                      className={item}
                      onSelect={then(() => router.push(a.href))}
                    >
                      {a.name}
                    </Command.Item>
                  ))}
                </Command.Group>
              ) : null}
              <Command.Group heading="Go" className={group}>
                {[...places.flat(), ...ownPlaces].map((p) => (
                  <Command.Item
                    key={p.href}
                    className={item}
                    onSelect={then(() => router.push(p.href))}
                  >
                    {p.name}
                    <span className="ml-auto flex gap-1 text-ink-3">
                      <Key>G</Key>
                      <Key>{p.key.toUpperCase()}</Key>
                    </span>
                  </Command.Item>
                ))}
              </Command.Group>
              <Command.Group heading="This app" className={group}>
                <Command.Item
                  className={item}
                  onSelect={then(() => setTheme(resolvedTheme === "dark" ? "light" : "dark"))}
                >
                  {resolvedTheme === "dark" ? "Light pages" : "Dark pages"}
                </Command.Item>
                <Command.Item className={item} onSelect={then(openHelp)}>
                  Keyboard shortcuts
                </Command.Item>
                <Command.Item
                  className={item}
                  onSelect={then(() => {
                    forgetAll();
                    void signOut();
                  })}
                >
                  Sign out
                </Command.Item>
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
