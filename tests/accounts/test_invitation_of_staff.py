"""A letter that is older than what the account may do now."""

import pytest

from server import clock
from server.accounts import invitations
from server.accounts.tables import Account, AccountRole, Invitation
from server.database import writing
from server.refusals import Refused
from server.roles import Role
from tests import factories
from tests.classes.staff_cast import ICT
from tests.databases import Database


@pytest.mark.parametrize("meanwhile", ["staff", "disabled"])
async def test_a_letter_gives_no_password_to_the_staff(database: Database, meanwhile: str) -> None:
    person = await factories.make_person()
    invited = await invitations.invite(person.id, person.name, [], by=ICT)
    [before] = await Account.select()
    async with writing():
        if meanwhile == "staff":
            role = AccountRole(account=invited.account_id, role=Role.administrator)
            await AccountRole.insert(role)
        else:
            await Account.update({Account.disabled_at: clock.now()}).where(
                Account.id == invited.account_id
            )

    with pytest.raises(Refused) as refused:
        await invitations.accept(invited.token, "sakura momiji yuki")

    assert refused.value.msgid == invitations.NOT_OPEN
    [after] = await Account.select()
    assert after["password_hash"] == before["password_hash"]
    assert [row["used_at"] for row in await Invitation.select()] == [None]
