using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using IotPlatform.Diagnostics;
using IotPlatform.Hosting;
using IotPlatform.Transport.Proxies;
using IotPlatform.Unit.Tests.Time;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace IotPlatform.Unit.Tests.Transport.Proxies;

/// <summary>Headers at the front of connections.</summary>
public sealed class ProxyProtocolTests : IDisposable
{
    private static readonly IPEndPoint Peer = new(IPAddress.Loopback, 7);
    private static readonly byte[] Header = Convert.FromHexString("0D0A0D0A000D0A515549540A" + "2111000C" + "C00002010A000001E3F8075B");
    private static readonly IPEndPoint Client = new(IPAddress.Parse("192.0.2.1"), 58_360);

    private readonly GatewayInstruments _instruments = new();

    public void Dispose() => _instruments.Dispose();

    [Theory]
    [InlineData("10.1.2.3", true)]
    [InlineData("10.2.0.1", false)]
    [InlineData("2001:db8::5", true)]
    [InlineData("2001:db9::5", false)]
    public void Header_IsExpected_FromTheNetworksGiven(string peer, bool isExpected) =>
        Assert.Equal(isExpected, With("10.1.0.0/16", "2001:db8::/32").IsExpectedFrom(IPAddress.Parse(peer)));

    [Fact]
    public void Header_ByDefault_IsExpectedFromNobody() => Assert.False(With().IsExpectedFrom(IPAddress.Loopback));

    [Fact]
    public async Task Socket_ByteByByte_IsReadToTheEndOfTheHeader_AndNoFurther()
    {
        var (accepted, peer) = await ConnectionPair.ConnectAsync(0);
        using var both = new Both(accepted, peer);
        var finding = With().FindClientAsync(accepted, Peer, CancellationToken.None).AsTask();
        foreach (var single in Header)
        {
            await peer.SendAsync(new[] { single });
        }

        await peer.SendAsync(new byte[] { 0x10 });

        Assert.Equal(Client, await finding.InTimeAsync());
        var next = new byte[2];
        Assert.Equal(1, await accepted.ReceiveAsync(next).InTimeAsync());
        Assert.Equal(0x10, next[0]);
    }

    [Fact]
    public async Task Pipe_ByteByByte_IsReadToTheEndOfTheHeader_AndNoFurther()
    {
        var pipe = new Pipe();
        var finding = With().FindClientAsync(pipe.Reader, Peer, CancellationToken.None).AsTask();
        foreach (var single in Header)
        {
            await pipe.Writer.WriteAsync(new[] { single });
        }

        Assert.Equal(Client, await finding.InTimeAsync());
        await pipe.Writer.WriteAsync(new byte[] { 0x10 });
        var rest = (await pipe.Reader.ReadAsync()).Buffer;
        Assert.Equal(1, rest.Length);
        Assert.Equal(0x10, rest.FirstSpan[0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Header_OfTheLoadBalancerItself_NamesIt(bool isPipe)
    {
        var own = (byte[])[.. Header.AsSpan(0, 12), 0x20, 0, 0, 0];
        Assert.Equal(Peer, isPipe ? await FindInPipeAsync(own) : await FindInSocketAsync(own));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Anything_ButAWholeHeader_IsNobody(bool isPipe)
    {
        for (var length = 0; length < Header.Length; length++)
        {
            var part = Header[..length];
            Assert.Null(isPipe ? await FindInPipeAsync(part) : await FindInSocketAsync(part));
        }

        byte[] mqtt = [0x10, 0x0C];
        Assert.Null(isPipe ? await FindInPipeAsync(mqtt) : await FindInSocketAsync(mqtt));
    }

    [Fact]
    public async Task Patience_Ends()
    {
        var (accepted, peer) = await ConnectionPair.ConnectAsync(0);
        using var both = new Both(accepted, peer);
        using var patience = new CancellationTokenSource();
        var finding = With().FindClientAsync(accepted, Peer, patience.Token).AsTask();
        await patience.CancelAsync();
        Assert.Null(await finding.InTimeAsync());
    }

    private static async Task<IPEndPoint?> FindInPipeAsync(byte[] bytes)
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(bytes);
        await pipe.Writer.CompleteAsync();
        using var instruments = new GatewayInstruments();
        return await With(instruments).FindClientAsync(pipe.Reader, Peer, CancellationToken.None).AsTask().InTimeAsync();
    }

    private static async Task<IPEndPoint?> FindInSocketAsync(byte[] bytes)
    {
        var (accepted, peer) = await ConnectionPair.ConnectAsync(0);
        using var both = new Both(accepted, peer);
        await peer.SendAsync(bytes);
        peer.Shutdown(SocketShutdown.Send);
        using var instruments = new GatewayInstruments();
        return await With(instruments).FindClientAsync(accepted, Peer, CancellationToken.None).AsTask().InTimeAsync();
    }

    private ProxyProtocol With(params string[] from) => With(_instruments, from);

    private static ProxyProtocol With(GatewayInstruments instruments, params string[] from)
    {
        var options = new GatewayOptions();
        foreach (var network in from)
        {
            options.ProxyProtocol.From.Add(network);
        }

        return new ProxyProtocol(Options.Create(options), instruments, NullLogger<ProxyProtocol>.Instance);
    }

    private sealed class Both(Socket one, Socket other) : IDisposable
    {
        public void Dispose()
        {
            one.Dispose();
            other.Dispose();
        }
    }
}
