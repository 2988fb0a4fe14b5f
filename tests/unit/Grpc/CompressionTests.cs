using System.Text;
using Google.Protobuf;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class CompressionTests
{
    private const string Echo = "iot.toy.v1.Toy/Echo";
    private static readonly EchoRequest Long = new() { Text = new string('a', 10_000) };

    [Fact]
    public async Task Gzip_OfTheRequest_IsRead()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.SendAsync(Echo, GrpcFrames.Frame(GrpcFrames.Gzip(Long.ToByteArray()), flag: 1), ("grpc-encoding", "gzip"));

        Assert.Equal(Long, Assert.Single(reply.Messages));
        Assert.Null(reply.Header("grpc-encoding"));
        Assert.Equal("identity,gzip", reply.Header("grpc-accept-encoding"));
    }

    [Fact]
    public async Task Gzip_DeclaredForARequest_AllowsPlainMessagesToo()
    {
        await using var server = await ToyServer.StartAsync();
        byte[] body = [.. GrpcFrames.Frame(GrpcFrames.Gzip(new EchoRequest { Number = 1 }.ToByteArray()), flag: 1), .. GrpcFrames.Frame(new EchoRequest { Number = 2 })];

        var reply = await server.Grpc.SendAsync("iot.toy.v1.Toy/Sum", body, ("grpc-encoding", "gzip"));

        Assert.Equal(3, Assert.Single(reply.Messages).Number);
    }

    [Fact]
    public async Task Gzip_AcceptedByTheCaller_CompressesLongAnswersOnly()
    {
        await using var server = await ToyServer.StartAsync();

        var compressed = await server.Grpc.CallAsync(Echo, Long, ("grpc-accept-encoding", "deflate, gzip"));
        var plain = await server.Grpc.CallAsync(Echo, new EchoRequest { Text = "short" }, ("grpc-accept-encoding", "gzip"));

        Assert.Equal("gzip", compressed.Header("grpc-encoding"));
        Assert.Equal(1, Assert.Single(compressed.Frames()).Flag);
        Assert.InRange(compressed.Body.Length, 1, 1_000);
        Assert.Equal(Long, Assert.Single(compressed.Messages));
        Assert.Equal(0, Assert.Single(plain.Frames()).Flag);
    }

    [Fact]
    public async Task Gzip_OfWhatDoesNotShrink_IsNotUsed()
    {
        await using var server = await ToyServer.StartAsync();
        var noise = new byte[2_000];
        new Random(1).NextBytes(noise);

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest { Content = ByteString.CopyFrom(noise) }, ("grpc-accept-encoding", "gzip"));

        Assert.Equal(0, Assert.Single(reply.Frames()).Flag);
        Assert.Equal(noise, Assert.Single(reply.Messages).Content.ToByteArray());
    }

    [Fact]
    public async Task Gzip_SwitchedOff_IsNotUsed()
    {
        await using var server = await ToyServer.StartAsync(options: new GrpcOptions { CompressResponseBytesMin = null });

        var reply = await server.Grpc.CallAsync(Echo, Long, ("grpc-accept-encoding", "gzip"));

        Assert.Null(reply.Header("grpc-encoding"));
        Assert.Equal(0, Assert.Single(reply.Frames()).Flag);
    }

    [Fact]
    public async Task Encoding_Unknown_IsUnimplementedAndNamesTheKnown()
    {
        await using var server = await ToyServer.StartAsync();

        var reply = await server.Grpc.CallAsync(Echo, new EchoRequest(), ("grpc-encoding", "snappy"));

        Assert.Equal(StatusCode.Unimplemented, reply.Status);
        Assert.Equal("identity,gzip", reply.Header("grpc-accept-encoding"));
    }

    [Fact]
    public async Task Gzip_Broken_IsInternal()
    {
        await using var server = await ToyServer.StartAsync();
        var whole = GrpcFrames.Gzip(Encoding.ASCII.GetBytes("hello"));

        foreach (var broken in new[] { Encoding.ASCII.GetBytes("this is not gzip"), whole[..^10] })
        {
            var reply = await server.Grpc.SendAsync(Echo, GrpcFrames.Frame(broken, flag: 1), ("grpc-encoding", "gzip"));

            Assert.Equal(StatusCode.Internal, reply.Status);
        }
    }
}
