"""gotong.product.v1.ProductInternalService: what other services ask."""

from uuid import UUID

from gotong.product.v1 import product_pb2 as pb
from gotong.product.v1.product_pb2_grpc import ProductInternalServiceServicer
from services.kit.clock import Clock
from services.kit.db import Database
from services.kit.rpc import Call, query
from services.product.domain.pricing import quoted
from services.product.mapping import offer_to_proto
from services.product.store import offers


class ProductInternalService(ProductInternalServiceServicer):
    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock

    @query
    async def PriceProducts(
        self, request: pb.PriceProductsRequest, call: Call
    ) -> pb.PriceProductsResponse:
        wanted = [UUID(id) for id in request.variant_ids]
        found = await offers.of_variants(call.tx, wanted)
        return pb.PriceProductsResponse(variants=map(offer_to_proto, quoted(wanted, found)))
