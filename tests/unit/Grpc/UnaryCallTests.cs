using System.Net;
using Google.Protobuf;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class UnaryCallTests
{
    private const string Echo = "iot.toy.v1.Toy/Echo";

    [Fact]
    public async Task Unary_Answered_HasHeadersOneMessageAndTrailers()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest { Text = "hello", BigNumber = long.MinValue });

        Assert.Equal(HttpStatusCode.OK, reply.Http.StatusCode);
        Assert.Equal("application/grpc", reply.Http.Content.Headers.ContentType!.ToString());
        Assert.Equal(new EchoRequest { Text = "hello", BigNumber = long.MinValue }, Assert.Single(reply.Messages));
        Assert.False(reply.IsTrailersOnly);
        Assert.Equal("0", reply.Trailer("grpc-status"));
        Assert.Null(reply.Trailer("grpc-message"));
    }

    [Fact]
    public async Task Unary_OfAnEmptyMessage_IsAnswered()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.SendAsync(Echo, [0, 0, 0, 0, 0]);

        Assert.Equal(StatusCode.OK, reply.Status);
        Assert.Equal(new EchoRequest(), Assert.Single(reply.Messages));
    }

    [Fact]
    public async Task Unary_OfAMessageOfManyPackets_IsAnsweredWhole()
    {
        await using var server = await ToyServer.StartAsync();
        var content = new byte[3 * 1024 * 1024];
        new Random(1).NextBytes(content);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest { Content = ByteString.CopyFrom(content) });

        Assert.Equal(content, Assert.Single(reply.Messages).Content.ToByteArray());
    }

    [Fact]
    public async Task Unary_Refused_IsTrailersOnlyWithTheEncodedMessage()
    {
        var service = new ToyService { OnEcho = (_, _) => throw new RpcException(StatusCode.NotFound, "No „device“ 100%.") };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest());

        Assert.True(reply.IsTrailersOnly);
        Assert.Equal(HttpStatusCode.OK, reply.Http.StatusCode);
        Assert.Equal(StatusCode.NotFound, reply.Status);
        Assert.Equal("No „device“ 100%.", reply.Message);
        Assert.Empty(reply.Body);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Unary_WhoseHandlerThrows_TellsNothingAndLogsIt()
    {
        var service = new ToyService { OnEcho = (_, _) => throw new FormatException("a secret of the server") };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest());

        Assert.Equal(StatusCode.Unknown, reply.Status);
        Assert.DoesNotContain("secret", reply.Message, StringComparison.Ordinal);
        Assert.IsType<FormatException>(Assert.Single(server.Log.Errors).Thrown);
    }

    [Fact]
    public async Task Unary_WithMetadata_CarriesItBothWays()
    {
        var service = new ToyService
        {
            OnEcho = (request, context) =>
            {
                Assert.True(context.RequestHeaders.TryGet("x-text", out var text));
                Assert.True(context.RequestHeaders.TryGetBytes("x-data-bin", out var data));
                context.ResponseHeaders.Add("y-text", text);
                context.ResponseTrailers.Add("y-data-bin", data);
                return Task.FromResult(request);
            },
        };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest(), ("x-text", "value"), ("x-data-bin", "AAEC/w=="));

        Assert.Equal(StatusCode.OK, reply.Status);
        Assert.Equal("value", reply.Header("y-text"));
        Assert.Equal("AAEC/w", reply.Trailer("y-data-bin"));
    }

    [Fact]
    public async Task Unary_Refused_StillCarriesItsTrailers()
    {
        var service = new ToyService
        {
            OnEcho = (_, context) =>
            {
                context.ResponseTrailers.Add("y-reason", "full");
                throw new RpcException(StatusCode.ResourceExhausted, "");
            },
        };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest());

        Assert.Equal(StatusCode.ResourceExhausted, reply.Status);
        Assert.Equal("full", reply.Header("y-reason"));
    }

    [Theory]
    [InlineData(20_000_000, "2000")]
    [InlineData(20_000_001, "2001")]
    [InlineData(1, "1")]
    public async Task Unary_RefusedUntilLater_SaysWhenInMilliseconds(long retryAfterTicks, string milliseconds)
    {
        var service = new ToyService { OnEcho = (_, _) => throw new RpcException(StatusCode.ResourceExhausted, "Full.", retryAfter: TimeSpan.FromTicks(retryAfterTicks)) };
        await using var server = await ToyServer.StartAsync(service);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest());

        Assert.Equal((StatusCode.ResourceExhausted, milliseconds), (reply.Status, reply.Header("grpc-retry-pushback-ms")));
    }

    [Fact]
    public async Task Unary_RefusedForGood_DoesNotSayWhen()
    {
        var service = new ToyService { OnEcho = (_, _) => throw new RpcException(StatusCode.ResourceExhausted, "Full.") };
        await using var server = await ToyServer.StartAsync(service);

        Assert.Null((await server.Grpc.CallAsync(Echo, new EchoRequest())).Header("grpc-retry-pushback-ms"));
    }

    [Fact]
    public async Task CallContext_OfACall_NamesMethodCallerAndPeer()
    {
        CallContext? seen = null;
        string? peer = null;
        var service = new ToyService
        {
            OnEcho = (request, context) =>
            {
                (seen, peer) = (context, context.Peer);
                return Task.FromResult(request);
            },
        };
        await using var server = await ToyServer.StartAsync(service);

        await server.Grpc.CallAsync(Echo, new EchoRequest());

        Assert.Equal((Echo, "tester", null), (seen!.Method, seen.Caller.Name, seen.Deadline));
        Assert.StartsWith("127.0.0.1:", peer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("iot.toy.v1.Toy/Skipped")]
    [InlineData("iot.toy.v1.Toy/Nothing")]
    [InlineData("iot.toy.v1.Nobody/Echo")]
    public async Task Unary_OfAMethodThatIsNotThere_IsUnimplemented(string method)
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.CallAsync(method, new EchoRequest());

        Assert.Equal(StatusCode.Unimplemented, reply.Status);
        Assert.Contains(method, reply.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/grpc-web")]
    [InlineData("")]
    public async Task Unary_OfAnotherContentType_Is415(string contentType)
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest(), ("content-type", contentType));

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, reply.Http.StatusCode);
    }

    [Fact]
    public async Task Unary_OverHttp1_IsToldToUpgrade()
    {
        await using var server = await ToyServer.StartAsync();
        using var request = GrpcClient.Request(Echo, new ByteArrayContent(GrpcFrames.Frame(new EchoRequest())));
        request.Version = HttpVersion.Version11;

        using var response = await server.Rest.SendAsync(request);

        Assert.Equal(HttpStatusCode.UpgradeRequired, response.StatusCode);
    }

    [Fact]
    public async Task Unary_WithMalformedFrames_IsInternal()
    {
        await using var server = await ToyServer.StartAsync();
        var whole = GrpcFrames.Frame(new EchoRequest { Text = "hello" });
        byte[][] malformed =
        [
            [],
            [0, 0, 0],
            whole[..^1],
            [.. whole, .. whole],
            [.. whole, 0],
            GrpcFrames.Frame([], flag: 2),
            GrpcFrames.Frame([0xFF, 0xFF]),
            GrpcFrames.Frame(GrpcFrames.Gzip([]), flag: 1),
        ];

        foreach (var body in malformed)
        {
            var reply = await server.Grpc.SendAsync(Echo, body);

            Assert.Equal((Convert.ToHexString(body), StatusCode.Internal), (Convert.ToHexString(body), reply.Status));
            Assert.NotEmpty(reply.Message);
        }

        Assert.Empty(server.Log.Errors);
    }
}
