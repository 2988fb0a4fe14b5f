using Google.Protobuf;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class LimitTests
{
    private const string Echo = "iot.toy.v1.Toy/Echo";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Request_OverTheLimit_IsResourceExhausted()
    {
        await using var server = await ToyServer.StartAsync(options: new GrpcOptions { ReceiveMessageBytesMax = 100 });

        Assert.Equal(StatusCode.OK, (await server.Grpc.CallAsync(Echo, OfSize(100))).Status);
        Assert.Equal(StatusCode.ResourceExhausted, (await server.Grpc.CallAsync(Echo, OfSize(101))).Status);
    }

    [Theory]
    [InlineData(new byte[] { 0x00, 0x40, 0x00, 0x01 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF })]
    public async Task Request_ThatDeclaresTooMuch_IsRefusedBeforeItsBytesCome(byte[] length)
    {
        await using var server = await ToyServer.StartAsync();
        await using var call = await server.Grpc.OpenAsync(Echo);

        await call.WriteRawAsync([0, .. length]);

        Assert.Null(await call.ReadAsync().WaitAsync(Patience));
        Assert.Equal(StatusCode.ResourceExhausted, call.Reply.Status);
    }

    [Fact]
    public async Task Request_ThatDecompressesOverTheLimit_IsResourceExhausted()
    {
        await using var server = await ToyServer.StartAsync(options: new GrpcOptions { ReceiveMessageBytesMax = 10_000 });
        var bomb = GrpcFrames.Gzip(new byte[500_000]);
        Assert.InRange(bomb.Length, 1, 10_000);

        var reply = await server.Grpc.SendAsync(Echo, GrpcFrames.Frame(bomb, flag: 1), ("grpc-encoding", "gzip"));

        Assert.Equal(StatusCode.ResourceExhausted, reply.Status);
        Assert.Contains("decompresses", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_OverTheLimit_IsResourceExhausted()
    {
        await using var server = await ToyServer.StartAsync(options: new GrpcOptions { SendMessageBytesMax = 100 });

        var reply = await server.Grpc.CallAsync(Echo, OfSize(101));

        Assert.True(reply.IsTrailersOnly);
        Assert.Equal(StatusCode.ResourceExhausted, reply.Status);
    }

    [Fact]
    public async Task ClientStream_LongerThanAnHttpBodyMayBe_IsTaken()
    {
        await using var server = await ToyServer.StartAsync();
        await using var call = await server.Grpc.OpenAsync("iot.toy.v1.Toy/Sum");
        var message = new EchoRequest { Number = 1, Content = ByteString.CopyFrom(new byte[1024 * 1024]) };

        // Kestrel takes 30 MB for a body unless it is told otherwise.
        for (var i = 0; i < 40; i++)
        {
            await call.WriteAsync(message).WaitAsync(Patience);
        }

        await call.EndAsync();
        Assert.Equal(40, (await call.ReadAsync().WaitAsync(Patience))!.Number);
    }

    private static EchoRequest OfSize(int size)
    {
        var message = new EchoRequest { Content = ByteString.CopyFrom(new byte[size - 2]) };
        Assert.Equal(size, message.CalculateSize());
        return message;
    }
}
