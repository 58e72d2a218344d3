-- Whether an item's text was read off a picture: such text may be misread, its figures above all.

alter table public.evidence_items add column ocr boolean not null default false;

grant update (ocr) on public.evidence_items to authenticated;
