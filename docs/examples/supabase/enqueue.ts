// A Supabase Edge Function that resumes a campaign and asks henk to call its leads. It needs henk_enqueue.sql, which is
// beside this file. The service-role key stays on the server: never send it to a browser.
//
// Two requests are two transactions. Where the change and the job have to commit together, put both into one SQL
// function and call that (see resume_campaign in docs/api.md).
import { createClient } from "npm:@supabase/supabase-js@2";

const admin = createClient(
  Deno.env.get("SUPABASE_URL")!,
  Deno.env.get("SUPABASE_SERVICE_ROLE_KEY")!,
  { auth: { persistSession: false } },
);

Deno.serve(async (request) => {
  // Who asks? The token of the app's user, under whose row level security the campaign is looked up.
  const user = createClient(
    Deno.env.get("SUPABASE_URL")!,
    Deno.env.get("SUPABASE_ANON_KEY")!,
    {
      auth: { persistSession: false },
      global: { headers: { Authorization: request.headers.get("Authorization") ?? "" } },
    },
  );
  const { campaign_id } = await request.json();
  const { data: campaign } = await user.from("campaigns").select("id").eq("id", campaign_id).maybeSingle();
  if (!campaign) return Response.json({ ok: false, error: "there is no such campaign" }, { status: 404 });

  const { error: notResumed } = await admin.from("campaigns").update({ status: "active" }).eq("id", campaign.id);
  if (notResumed) return Response.json({ ok: false, error: notResumed.message }, { status: 500 });

  // The job's id. A plan that is pending already serves, and its id comes back.
  const { data: job, error } = await admin.rpc("henk_enqueue", {
    kind: "plan-campaign",
    args: { campaign_id: campaign.id },
  });
  if (error) return Response.json({ ok: false, error: error.message }, { status: 500 });
  return Response.json({ ok: true, job });
});
