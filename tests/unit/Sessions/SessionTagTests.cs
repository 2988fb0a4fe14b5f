using System.Text;
using IotPlatform.Devices;
using IotPlatform.Mqtt.Packets;
using IotPlatform.Products;
using IotPlatform.Storage;
using IotPlatform.Testkit;
using IotPlatform.Unit.Tests.Time;

namespace IotPlatform.Unit.Tests.Sessions;

/// <summary>What a gateway knows of the tags of the devices that are connected to it.</summary>
public sealed class SessionTagTests : IAsyncDisposable
{
    private const string Secret = "0123456789abcdef";

    private static readonly DeviceTag[] Canary = [new("ring", "canary")];
    private static readonly DeviceTag[] Two = [new("ring", "beta"), new("site", "north")];

    private readonly Edge _edge = new(followsSessions: false);

    public SessionTagTests() =>
        _edge.Host.Registry.Add(new ProductView("p", "", IsEnabled: true, IsRegistrationOpen: false, _edge.Time.GetUtcNow(), []));

    public ValueTask DisposeAsync() => _edge.DisposeAsync();

    [Fact]
    public async Task Session_HasTheTagsOfItsDevice_FromItsFirstMomentOn()
    {
        Register("d", Canary);
        Register("plain");
        Assert.Equal(Canary, (await ConnectAsync("d")).Owner.Session!.Tags);
        Assert.Empty((await ConnectAsync("plain")).Owner.Session!.Tags);
        Assert.Empty((await EdgeClient.ConnectAsync(_edge, "anybody")).Owner.Session!.Tags);
    }

    [Fact]
    public async Task Session_WhoseDeviceGetsOtherTags_HasThemOnceTheCallIsAnswered()
    {
        Register("d");
        var session = (await ConnectAsync("d")).Owner.Session!;
        foreach (var tags in new[] { Canary, Two, [], Canary })
        {
            await GrainOf("d").SetTagsAsync([.. tags]);
            Assert.Equal(tags, session.Tags);
        }
    }

    [Fact]
    public async Task Session_ThatIsAttachedAgain_LearnsWhatItWasNotTold()
    {
        Register("d", Canary);
        var client = await ConnectAsync("d");
        await ForgetRegistrationAsync("d");
        Register("d", Two);
        Assert.Equal(Canary, client.Owner.Session!.Tags);
        Assert.True(await client.Owner.ReattachAsync());
        Assert.Equal(Two, client.Owner.Session!.Tags);
    }

    [Fact]
    public async Task Tags_ThatWereSaidBefore_CountNoMoreWhenTheyComeLater()
    {
        Register("d");
        var client = await ConnectAsync("d");
        await TellAsync(client, Canary, generation: long.MaxValue - 1, number: 5);
        await TellAsync(client, Two, generation: long.MaxValue - 1, number: 4);
        await TellAsync(client, Two, generation: long.MaxValue - 2, number: 6);
        Assert.Equal(Canary, client.Owner.Session!.Tags);

        // Of an activation that has replaced the one before.
        await TellAsync(client, Two, generation: long.MaxValue, number: 1);
        Assert.Equal(Two, client.Owner.Session!.Tags);
        await TellAsync(client, [], generation: long.MaxValue, number: 3);
        await TellAsync(client, Canary, generation: long.MaxValue, number: 2);
        Assert.Empty(client.Owner.Session!.Tags);
    }

    [Fact]
    public async Task Tags_ThatWereTakenAway_DoNotComeBack_AlsoOfADeviceThatHadNoneBefore()
    {
        Register("d");
        var client = await ConnectAsync("d");
        await TellAsync(client, [], generation: long.MaxValue, number: 2);
        await TellAsync(client, Canary, generation: long.MaxValue, number: 1);
        Assert.Empty(client.Owner.Session!.Tags);
    }

    // The answer to its attach may say what was so before.
    [Fact]
    public async Task Tags_ThatChangeBeforeTheSessionIsOpen_AreAskedForOnceItIs()
    {
        Register("d", Canary);
        var stored = new TaskCompletionSource();
        _edge.Host.Sessions.OnWrite = _ => stored.Task;
        var client = EdgeClient.Open(_edge);
        client.Send(Connect("d", sessionExpiry: 600));
        await Patience.UntilAsync(() => _edge.Shards.ShardOf(client.Id).ConnectionCount == 1, "the connection is announced");
        await TellAsync(client, Two, generation: long.MaxValue, number: 1);
        stored.SetResult();
        await Patience.UntilAsync(() => client.Owner.IsOpen, "the connection is open");
        Assert.Equal(Canary, client.Owner.Session!.Tags);

        await ForgetRegistrationAsync("d");
        Register("d", Two);
        await _edge.Keeper.StartAsync(default);
        await Patience.UntilAsync(() => client.Owner.Session!.Tags.AsSpan().SequenceEqual(Two), "the tags that it was called for");
        await _edge.Keeper.StopAsync(default);
    }

    [Fact]
    public async Task Tags_OfAConnectionThatIsGone_AreNobodys() =>
        await _edge.Shards.ShardOf(0).TagsChangedAsync(long.MaxValue, new DeviceTags([.. Canary], 1, 1));

    [Fact]
    public async Task Sessions_OfDevicesWithTheSameTags_HaveOneCopyOfThem_AndReadItForNothing()
    {
        Register("a", [new("ring", "shared")]);
        Register("b", [new("ring", "shared")]);
        var a = (await ConnectAsync("a")).Owner.Session!;
        var b = (await ConnectAsync("b")).Owner.Session!;
        Assert.Equal(a.Tags, b.Tags);

        var (length, reads) = (0, 0);
        Assert.Equal(0, Allocation.Of(() =>
        {
            length += a.Tags.Length;
            reads++;
        }));
        Assert.Equal(reads, length);
    }

    private static ConnectPacket Connect(string name, uint? sessionExpiry = null) => new()
    {
        ClientId = name,
        CleanStart = true,
        SessionExpiryInterval = sessionExpiry,
        UserName = $"{name}&p",
        Password = Encoding.UTF8.GetBytes(Secret),
    };

    private void Register(string name, params DeviceTag[] tags) =>
        _edge.Host.Registry.Add(new DeviceRegistration(new DeviceId("p", name), Secret, IsEnabled: true, DateTimeOffset.UnixEpoch) { Tags = [.. tags] });

    private IDeviceGrain GrainOf(string name) => _edge.Host.Engine.GetGrain<IDeviceGrain>(new DeviceId("p", name).GrainKey);

    private async Task<EdgeClient> ConnectAsync(string name)
    {
        var client = EdgeClient.Open(_edge);
        client.Send(Connect(name));
        await Patience.UntilAsync(() => client.Owner.IsOpen, $"{name} is connected");
        return client;
    }

    private Task TellAsync(EdgeClient client, DeviceTag[] tags, long generation, long number) =>
        _edge.Shards.ShardOf(client.Id).TagsChangedAsync(client.Id, new DeviceTags([.. tags], generation, number));

    // A grain whose write has failed reads its registration anew.
    private async Task ForgetRegistrationAsync(string name)
    {
        _edge.Host.Registry.OnWrite = static () => Task.FromException(new StoreUnavailableException());
        await Assert.ThrowsAsync<StoreUnavailableException>(() => GrainOf(name).SetEnabledAsync(isEnabled: true));
        _edge.Host.Registry.OnWrite = static () => Task.CompletedTask;
    }
}
