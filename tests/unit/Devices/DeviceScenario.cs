using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Sessions;
using IotPlatform.Storage;
using IotPlatform.Unit.Tests.Grains;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>One registered device's grain on a real engine, and the gateway that it is connected to.</summary>
internal sealed class DeviceScenario(GrainHost? host = null) : IAsyncDisposable
{
    public const string Secret = "0123456789abcdef";

    public static readonly DeviceId Device = new("p", "d");

    public GrainHost Host { get; } = host ?? new GrainHost();

    public FakeGateway Gateway => Host.Gateway;

    public IDeviceGrain Grain => Host.Engine.GetGrain<IDeviceGrain>(Device.GrainKey);

    public static Attachment Connection(long id, string gateway = "g1", long epoch = 1) => new(new GatewayId(gateway), epoch, id);

    public void Register(bool isEnabled = true) => Host.Registry.Add(new DeviceRegistration(Device, Secret, isEnabled, Host.Time.GetUtcNow()));

    public Task<AttachReply> AttachAsync(
        long connectionId = 1,
        CredentialKind kind = CredentialKind.Secret,
        string secret = Secret,
        DeviceProtocol protocol = DeviceProtocol.Mqtt311,
        string gateway = "g1",
        long epoch = 1,
        IDeviceGrain? grain = null,
        long order = 0,
        DeviceWill? will = null,
        IGatewayObserver? observer = null,
        SessionWish? session = null,
        long generation = 0) =>
        (grain ?? Grain).AttachAsync(
            new AttachRequest(
                Connection(connectionId, gateway, epoch), observer ?? Host.Observer, new DeviceCredential(kind, secret), protocol, "10.0.0.1:1000", 100, order,
                generation, will, session),
            CancellationToken.None);

    /// <summary>A gateway attaches a connection that the grain may have forgotten.</summary>
    public Task<AttachReply> ReattachAsync(
        long order, long connectionId = 1, string gateway = "g1", DeviceWill? will = null, IGatewayObserver? observer = null, CredentialKind kind = CredentialKind.Proven,
        long generation = 0) =>
        AttachAsync(connectionId, kind, secret: "", gateway: gateway, order: order, will: will, observer: observer, generation: generation);

    public async Task<DeviceConnection?> ConnectionAsync() => (await Grain.GetAsync()).Value?.Connection;

    public async Task OpenAsync(long connectionId = 1, DeviceProtocol protocol = DeviceProtocol.Mqtt311)
    {
        var reply = await AttachAsync(connectionId, protocol: protocol);
        Assert.Equal(AttachOutcome.Attached, reply.Outcome);
        await Grain.OpenAsync(Connection(connectionId));
    }

    public Task<Reply<DeviceMessage>> TrySendAsync(string? messageId, byte content = 1, int qos = 1, TimeSpan? timeToLive = null) =>
        Grain.SendAsync(new SendDeviceMessage(messageId, "name", new byte[] { content }, null, qos, timeToLive ?? TimeSpan.FromDays(1)));

    public async Task<DeviceMessage> SendAsync(string? messageId, byte content = 1, int qos = 1, TimeSpan? timeToLive = null)
    {
        var reply = await TrySendAsync(messageId, content, qos, timeToLive);
        Assert.Null(reply.Refusal);
        return reply.Value!;
    }

    public async Task<MessageStatus> StatusAsync(string messageId) => (await Grain.GetMessageAsync(messageId)).Value!.Progress.Status;

    public Task AcknowledgeAsync(params string[] messageIds) => Grain.AcknowledgeAsync(new AcknowledgeRequest(Connection(1), [.. messageIds]));

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
