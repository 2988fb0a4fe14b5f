using System.Security.Cryptography;
using Google.Protobuf.WellKnownTypes;
using IotPlatform.Grpc;
using IotPlatform.Protos.V1;
using IotPlatform.StatusEvents;
using StatusPush = IotPlatform.Protos.V1.StatusPush;

namespace IotPlatform.Api.StatusEvents;

/// <summary><c>iot.v1.StatusPushes</c>: status events that are pushed to URLs.</summary>
internal sealed class StatusPushesService(IGrainFactory grains, TimeProvider time)
{
    private const int SecretLengthMin = 16;
    private const int SecretLengthMax = 128;

    public GrpcServiceDefinition Definition() => GrpcServiceDefinition.For(PushesReflection.Descriptor.FindTypeByName<Google.Protobuf.Reflection.ServiceDescriptor>("StatusPushes"))
        .Unary<CreateStatusPushRequest, StatusPush>("CreateStatusPush", CreateAsync)
        .Unary<StatusPushRequest, StatusPush>("GetStatusPush", GetAsync)
        .Unary<ListStatusPushesRequest, ListStatusPushesResponse>("ListStatusPushes", ListAsync)
        .Unary<StatusPushRequest, Empty>("DeleteStatusPush", DeleteAsync)
        .Unary<StatusPushRequest, StatusPush>("ResumeStatusPush", ResumeAsync)
        .Build();

    public async Task<StatusPush> CreateAsync(CreateStatusPushRequest request, CallContext context)
    {
        var push = new IotPlatform.StatusEvents.StatusPush(
            Guid.NewGuid().ToString("N"),
            request.Url,
            DeviceMessageEvents.Filter(request.ProductKey, deviceName: "", request.Statuses),
            request.Secret.Length == 0 ? RandomNumberGenerator.GetHexString(64, lowercase: true) : Secret(request.Secret),
            time.GetUtcNow());
        var created = (await All().CreateAsync(push)).OrThrow();
        var message = ToMessage(new StatusPushView(created, ParkedAt: null, Waiting: 0, LastFailure: null, LastFailedAt: null));
        message.Secret = created.Secret;
        return message;
    }

    public async Task<StatusPush> GetAsync(StatusPushRequest request, CallContext context) => ToMessage((await One(request).GetAsync()).OrThrow());

    public async Task<ListStatusPushesResponse> ListAsync(ListStatusPushesRequest request, CallContext context)
    {
        var response = new ListStatusPushesResponse();
        response.Pushes.AddRange((await All().ListAsync()).Select(ToMessage));
        return response;
    }

    public async Task<Empty> DeleteAsync(StatusPushRequest request, CallContext context)
    {
        (await All().DeleteAsync(Id(request))).OrThrow();
        return new Empty();
    }

    public async Task<StatusPush> ResumeAsync(StatusPushRequest request, CallContext context) => ToMessage((await One(request).ResumeAsync()).OrThrow());

    private static string Secret(string value) =>
        value.Length is >= SecretLengthMin and <= SecretLengthMax && !value.Any(char.IsControl)
            ? value
            : throw Refusals.Invalid($"secret must be {SecretLengthMin} to {SecretLengthMax} characters.");

    private static string Id(StatusPushRequest request) =>
        Guid.TryParseExact(request.PushId, "N", out _) ? request.PushId : throw Refusals.NotFound($"There is no push {request.PushId}.");

    private static StatusPush ToMessage(StatusPushView view)
    {
        var message = new StatusPush
        {
            PushId = view.Push.Id,
            Url = view.Push.Url,
            ProductKey = view.Push.Filter.ProductKey ?? "",
            CreatedAt = view.Push.CreatedAt.ToTimestamp(),
            State = view.ParkedAt is null ? StatusPush.Types.State.Active : StatusPush.Types.State.Parked,
            ParkedAt = view.ParkedAt?.ToTimestamp(),
            Waiting = view.Waiting,
            LastFailure = view.LastFailure ?? "",
            LastFailedAt = view.LastFailedAt?.ToTimestamp(),
        };
        message.Statuses.AddRange(view.Push.Filter.Statuses.Select(static status => status.ToMessage()));
        return message;
    }

    private IStatusPushesGrain All() => grains.GetGrain<IStatusPushesGrain>(IStatusPushesGrain.GrainKey);

    private IStatusPushGrain One(StatusPushRequest request) => grains.GetGrain<IStatusPushGrain>(Id(request));
}
