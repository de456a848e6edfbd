-- A post that moves to another ticket, as when two are merged, keeps its number.
CREATE INDEX posts_by_number ON posts (post_id);
