"""add tags

Revision ID: d2608c4f7ea9
Revises: c47d0e93a1b6
Create Date: 2024-05-11 11:27:08.530160
"""
from alembic import op
import sqlalchemy as sa

revision = "d2608c4f7ea9"
down_revision = "c47d0e93a1b6"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "application_tags",
        sa.Column("application_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["applications.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("application_id", "tag_id"),
    )


def downgrade() -> None:
    op.drop_table("application_tags")
    op.drop_table("tags")
