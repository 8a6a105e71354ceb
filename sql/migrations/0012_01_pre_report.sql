-- SPDX-License-Identifier: BSD-2-Clause
-- The reports that judge jobs leave: as JSON and as a page, both files below
-- data_dir.

create table trainyard.job_report (
    workspace_id uuid not null,
    job_id       uuid not null,
    json_sha256  bytea not null check (length(json_sha256) = 32),
    html_sha256  bytea not null check (length(html_sha256) = 32),
    created_at   timestamptz not null default clock_timestamp(),
    primary key (workspace_id, job_id),
    foreign key (workspace_id, job_id) references trainyard.job
);

-- Which files are in use, for whoever removes those that are not.
create index job_report_json_idx on trainyard.job_report (json_sha256);
create index job_report_html_idx on trainyard.job_report (html_sha256);

grant select on trainyard.job_report to trainyard_fcgi, trainyard_dispatch;
grant insert on trainyard.job_report to trainyard_dispatch;
