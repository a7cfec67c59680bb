-- Keys that are only good for watching
-- depends: 0006_pose

-- migrate: apply

ALTER TABLE api_key DROP CONSTRAINT api_key_scopes_check;
ALTER TABLE api_key ADD CONSTRAINT api_key_scopes_check CHECK (
    scopes <@ ARRAY['speak', 'read', 'write', 'watch'] AND cardinality(scopes) > 0
);

-- migrate: rollback

-- Without that scope, a key that has no other is good for nothing.
DELETE FROM api_key WHERE scopes <@ ARRAY['watch'];
UPDATE api_key SET scopes = array_remove(scopes, 'watch');
ALTER TABLE api_key DROP CONSTRAINT api_key_scopes_check;
ALTER TABLE api_key ADD CONSTRAINT api_key_scopes_check CHECK (
    scopes <@ ARRAY['speak', 'read', 'write'] AND cardinality(scopes) > 0
);
