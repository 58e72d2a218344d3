import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { sessionQuery } from "@/features/evidence/queries";
import { Frame } from "@/features/onboarding/frame";
import { Chapter } from "@/features/onboarding/chapters";
import { chapterOf } from "@/features/onboarding/words";
import { Palette } from "@/features/shell/palette";
import { Offline, SessionEnded } from "@/features/shell/session";
import { ThemeButton } from "@/features/shell/theme-button";
import { Fetched, serverApi } from "@/lib/api/server";

type Props = { params: Promise<{ chapter: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: chapterOf((await params).chapter)?.title ?? "Not here" };
}

export default async function ChapterPage({ params }: Props) {
  const chapter = chapterOf((await params).chapter);
  if (!chapter) notFound();
  const api = await serverApi();
  return (
    <Fetched of={[sessionQuery(api)]}>
      <Offline />
      <Frame slug={chapter.slug} tools={<ThemeButton />}>
        <Chapter key={chapter.slug} slug={chapter.slug} />
      </Frame>
      <Palette />
      <SessionEnded />
    </Fetched>
  );
}
