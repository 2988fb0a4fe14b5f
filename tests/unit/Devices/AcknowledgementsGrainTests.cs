using IotPlatform.Devices;
using IotPlatform.Gateways;
using IotPlatform.Unit.Tests.Grains;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Devices;

/// <summary>Acknowledgements of many devices in one call.</summary>
public sealed class AcknowledgementsGrainTests : IAsyncDisposable
{
    private readonly GrainHost _host = new();

    private IAcknowledgementsGrain Grain => _host.Engine.GetGrain<IAcknowledgementsGrain>(IAcknowledgementsGrain.GrainKey);

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Batch_ReachesEachDevice_AndTellsHowEachSeesItsConnection()
    {
        await SendAsync("current", "m");
        await SendAsync("superseded", "m");
        await DeviceGrain("superseded").DetachAsync(Connection);

        var reply = await Grain.AcknowledgeAsync(BatchOf("current", "unknown", "superseded"));
        Assert.Equal([AttachmentStanding.Current, AttachmentStanding.Unknown, AttachmentStanding.Superseded], reply.Standings.AsEnumerable());

        // Whichever connection it came on: the device has the message.
        Assert.Equal((MessageStatus.Delivered, MessageStatus.Delivered), (await StatusAsync("current"), await StatusAsync("superseded")));
    }

    [Fact]
    public async Task DeviceThatDoesNotAnswer_IsReportedAsUnreachable_AndTheOthersGoOn()
    {
        await SendAsync("a", "m");
        _host.Messages.OnLoad = static device => device.DeviceName == "b" ? throw new IOException("The disk is away.") : ValueTask.CompletedTask;
        var reply = await Grain.AcknowledgeAsync(BatchOf("b", "a"));
        Assert.Equal([AttachmentStanding.Unreachable, AttachmentStanding.Current], reply.Standings.AsEnumerable());
        Assert.Equal(MessageStatus.Delivered, await StatusAsync("a"));
    }

    [Fact]
    public async Task Batches_DoNotWaitForEachOther()
    {
        var disk = new TaskCompletionSource();
        _host.Messages.OnLoad = device => device.DeviceName == "slow" ? new ValueTask(disk.Task) : ValueTask.CompletedTask;
        var slow = Grain.AcknowledgeAsync(BatchOf("slow", "quick"));
        await Grain.AcknowledgeAsync(BatchOf("quick")).InTimeAsync();
        Assert.False(slow.IsCompleted);
        disk.SetResult();
        Assert.Equal(2, (await slow.InTimeAsync()).Standings.Length);
    }

    [Fact]
    public async Task EmptyBatch_IsAnsweredWithNothing() => Assert.Empty((await Grain.AcknowledgeAsync(BatchOf())).Standings);

    private static Attachment Connection => new(new GatewayId("g"), 1, 1);

    private static DeviceId Device(string name) => new("p", name);

    private static AcknowledgeBatch BatchOf(params string[] devices) =>
        new([.. devices.Select(static device => new DeviceAcknowledgement(Device(device), new AcknowledgeRequest(Connection, ["m"])))]);

    private IDeviceGrain DeviceGrain(string device) => _host.Engine.GetGrain<IDeviceGrain>(Device(device).GrainKey);

    private async Task<MessageStatus> StatusAsync(string device) => (await DeviceGrain(device).GetMessageAsync("m")).Value!.Progress.Status;

    private async Task SendAsync(string device, string messageId)
    {
        await DeviceGrain(device).AttachAsync(
            new AttachRequest(Connection, _host.Observer, new DeviceCredential(CredentialKind.Anonymous, ""), DeviceProtocol.Mqtt311, "", 100, Order: 0, Generation: 0, Will: null, Session: null),
            CancellationToken.None);
        var sent = await DeviceGrain(device).SendAsync(new SendDeviceMessage(messageId, "", new byte[] { 1 }, null, 1, TimeSpan.FromDays(1)));
        Assert.Equal(MessageStatus.Sent, sent.Value!.Progress.Status);
    }
}
