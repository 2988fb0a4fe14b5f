using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class GrpcContentTypeTests
{
    [Theory]
    [InlineData("application/grpc", true)]
    [InlineData("application/grpc+proto", true)]
    [InlineData("application/grpc;charset=utf-8", true)]
    [InlineData("APPLICATION/GRPC", true)]
    [InlineData("application/grpc-web", false)]
    [InlineData("application/grpc+json", false)]
    [InlineData("application/json", false)]
    [InlineData(null, false)]
    public void ContentType_IsGrpc_OnlyWithProtobufMessages(string? contentType, bool isGrpc) => Assert.Equal(isGrpc, GrpcContentType.IsGrpc(contentType));
}
