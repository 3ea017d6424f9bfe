-- Roles. Those that every organization has are of organization 0, with the numbers of store/tenant.h; their permissions
-- stand in auth/permission.c. level: 1 in an organization, 2 in a workspace. permissions: ",read:Run,invoke:Automation,".
CREATE TABLE role (
    key ROW_KEY,
    organization bigint NOT NULL,
    workspace bigint NOT NULL,
    id text NOT NULL,
    level bigint NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    permissions text NOT NULL,
    create_us bigint NOT NULL,
    update_us bigint NOT NULL
);
CREATE UNIQUE INDEX role_id ON role (organization, id);
CREATE UNIQUE INDEX role_title ON role (organization, workspace, title);
CREATE INDEX member_role ON member (organization, role);

INSERT INTO role (key, organization, workspace, id, level, title, description, permissions, create_us, update_us) VALUES
    (1, 0, 0, 'org-admin', 1, 'Organization Admin', 'May do everything in the organization and in all of its workspaces.', '', 0, 0),
    (2, 0, 0, 'workspace-admin', 2, 'Workspace Admin', 'May do everything in the workspace, also let others in.', '', 0, 0),
    (3, 0, 0, 'automation-author', 2, 'Automation Author', 'Writes and publishes automations, and runs them.', '', 0, 0),
    (4, 0, 0, 'operator', 2, 'Operator', 'Runs automations and answers their questions.', '', 0, 0),
    (5, 0, 0, 'workspace-viewer', 2, 'Workspace Viewer', 'May look at everything in the workspace.', '', 0, 0),
    (6, 0, 0, 'integrator', 2, 'Integrator', 'Connects other systems: connections, triggers, webhooks, files. May run automations.', '', 0, 0),
    (7, 0, 0, 'org-member', 1, 'Organization Member', 'Belongs to the organization and sees who else does. Enters workspaces by a role there.', '', 0, 0),
    (999, 0, 0, '', 0, '', 'The roles of organizations are numbered from 1000.', '', 0, 0);
