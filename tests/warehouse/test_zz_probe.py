import asyncio
from sqlalchemy import text
from tests.warehouse.superuser import as_superuser
from tests.warehouse.test_check_stock_invariants import Life, violations

async def test_probe(warehouse, location):
    await warehouse.app.db.execute(text("alter table stock_levels drop constraint stock_levels_available"))
    for seed in range(2, 8):
        variants = [await warehouse.stock(location, 20) for _ in range(4)]
        life = Life(warehouse, location, variants, seed)
        for _ in range(40):
            r = await asyncio.gather(*(life.go_on() for _ in range(8)), return_exceptions=True)
            for x in r:
                if isinstance(x, BaseException): print("BAD", str(x)[:100])
        async with warehouse.app.db.reading() as tx:
          for row in await tx.execute(text("select stock_level_id, level_version, action, quantity_before, quantity_after, reserved_before, reserved_after, reservation_id from stock_movements m where exists (select from stock_movements n where n.stock_level_id = m.stock_level_id and (n.level_version-m.level_version) between 0 and 6 and reserved_after > quantity_after) order by 1,2")): print("ROW", tuple(row)[1:])
          
    assert 0
