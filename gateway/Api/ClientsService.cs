using Google.Protobuf.WellKnownTypes;
using IotPlatform.Clients;
using IotPlatform.Delivery;
using IotPlatform.Devices;
using IotPlatform.Grpc;
using IotPlatform.Orders;
using IotPlatform.Protos.V1;
using IotPlatform.Sessions;

namespace IotPlatform.Api;

/// <summary><c>iot.v1.Clients</c>: the clients that are connected, and who may not be.</summary>
internal sealed class ClientsService(IGrainFactory grains, AllGateways gateways, TimeProvider time)
{
    private static readonly TimeSpan BanLongest = TimeSpan.FromDays(366);

    public GrpcServiceDefinition Definition() => GrpcServiceDefinition.For(ClientsReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("Clients"))
        .Unary<GetClientRequest, Client>("GetClient", GetClientAsync)
        .Unary<ListClientsRequest, ListClientsResponse>("ListClients", ListClientsAsync)
        .Unary<ListSlowClientsRequest, ListSlowClientsResponse>("ListSlowClients", ListSlowClientsAsync)
        .Unary<KickClientRequest, Empty>("KickClient", KickClientAsync)
        .Unary<CreateBanRequest, Protos.V1.Ban>("CreateBan", CreateBanAsync)
        .Unary<ListBansRequest, ListBansResponse>("ListBans", ListBansAsync)
        .Unary<DeleteBanRequest, Empty>("DeleteBan", DeleteBanAsync)
        .Build();

    public async Task<Client> GetClientAsync(GetClientRequest request, CallContext context)
    {
        var device = Requests.Device(request.ProductKey, request.DeviceName);
        var connected = (await DeviceGrain(device).FindClientAsync()).Value;
        var kept = await grains.GetGrain<ISessionShardGrain>(SessionShards.KeyOf(SessionShards.Of(device))).FindAsync(device);
        return connected is not null ? connected.ToMessage(kept)
            : kept is not null ? kept.ToMessage()
            : throw Refusals.NotFound($"Device {device} is not connected, and has no session.");
    }

    public async Task<ListClientsResponse> ListClientsAsync(ListClientsRequest request, CallContext context)
    {
        var size = Requests.PageSize(request.PageSize);
        var query = new ClientQuery(ProductKeyOrNull(request.ProductKey), IsSlow: false, Requests.DeviceToken(request.PageToken), size + 1);
        var (lists, silent) = await gateways.AskAsync((_, shard) => shard.ListClientsAsync(query), ofEveryShard: true);

        // A device may be moving from one to another just now.
        Client[] clients =
        [
            .. lists.SelectMany(static list => list.Clients).OrderBy(static client => client.Device, ClientOrder.ByName).ThenByDescending(static client => client.Since)
                .DistinctBy(static client => client.Device).Take(size + 1).Select(static client => client.ToMessage(kept: null)),
        ];
        var response = new ListClientsResponse { NextPageToken = clients.Length > size ? Requests.ToToken(new DeviceId(clients[size - 1].ProductKey, clients[size - 1].DeviceName)) : "" };
        response.Clients.AddRange(clients.Take(size));
        response.UnreachableGatewayIds.AddRange(silent.Select(static gateway => gateway.Value));
        return response;
    }

    public async Task<ListSlowClientsResponse> ListSlowClientsAsync(ListSlowClientsRequest request, CallContext context)
    {
        var query = new ClientQuery(ProductKeyOrNull(request.ProductKey), IsSlow: true, After: null, Requests.PageSize(request.PageSize));
        var (lists, silent) = await gateways.AskAsync((_, shard) => shard.ListClientsAsync(query), ofEveryShard: true);
        var response = new ListSlowClientsResponse();
        response.Clients.AddRange(
            lists.SelectMany(static list => list.Clients).Order(ClientOrder.BySlowness).Take(query.Size).Select(static client => client.ToMessage(kept: null)));
        response.UnreachableGatewayIds.AddRange(silent.Select(static gateway => gateway.Value));
        return response;
    }

    public async Task<Empty> KickClientAsync(KickClientRequest request, CallContext context)
    {
        (await DeviceGrain(Requests.Device(request.ProductKey, request.DeviceName)).DisconnectAsync()).OrThrow();
        return new Empty();
    }

    public async Task<Protos.V1.Ban> CreateBanAsync(CreateBanRequest request, CallContext context)
    {
        var isDevice = request.ProductKey.Length > 0 || request.DeviceName.Length > 0;
        if (isDevice == request.Address.Length > 0)
        {
            throw Refusals.Invalid("Either productKey and deviceName or address must be given.");
        }

        var now = time.GetUtcNow();
        var ban = new Orders.Ban(
            Guid.NewGuid().ToString("N"),
            isDevice ? Requests.Device(request.ProductKey, request.DeviceName) : null,
            isDevice ? null : Requests.Network(request.Address),
            Requests.ReasonText(request.Reason),
            now,
            now + Requests.Duration(request.Duration, BanLongest, whenUnset: null));
        return (await Orders().BanAsync(ban)).OrThrow().ToMessage();
    }

    public async Task<ListBansResponse> ListBansAsync(ListBansRequest request, CallContext context)
    {
        var orders = await Orders().GetAsync(knownVersion: 0);
        var response = new ListBansResponse();
        response.Bans.AddRange(orders!.Bans.OrderByDescending(static ban => ban.CreatedAt).Select(static ban => ban.ToMessage()));
        return response;
    }

    public async Task<Empty> DeleteBanAsync(DeleteBanRequest request, CallContext context)
    {
        (await Orders().LiftBanAsync(request.BanId)).OrThrow();
        return new Empty();
    }

    private static string? ProductKeyOrNull(string productKey) => productKey.Length == 0 ? null : Requests.ProductKey(productKey);

    private IDeviceGrain DeviceGrain(DeviceId device) => grains.GetGrain<IDeviceGrain>(device.GrainKey);

    private IStandingOrdersGrain Orders() => grains.GetGrain<IStandingOrdersGrain>(IStandingOrdersGrain.GrainKey);
}
