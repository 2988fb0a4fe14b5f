using Google.Protobuf.WellKnownTypes;
using IotPlatform.Grpc;
using IotPlatform.Unit.Tests.Protos;

namespace IotPlatform.Unit.Tests.Grpc;

public sealed class GrpcServiceBuilderTests
{
    [Fact]
    public void Binding_OfAnUnknownMethod_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Toy().Unary<EchoRequest, EchoRequest>("Nothing", EchoAsync));

    [Fact]
    public void Binding_OfAnotherKindOfCall_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Toy().Unary<EchoRequest, EchoRequest>("Count", EchoAsync));

    [Fact]
    public void Binding_OfOtherMessages_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Toy().Unary<EchoRequest, Empty>("Echo", (_, _) => Task.FromResult(new Empty())));

    [Fact]
    public void Binding_OfAMethodTwice_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Toy().Unary<EchoRequest, EchoRequest>("Echo", EchoAsync).Unimplemented("Echo"));

    [Fact]
    public void Build_WithUnboundMethods_NamesThem()
    {
        var thrown = Assert.Throws<InvalidOperationException>(() => Toy().Unary<EchoRequest, EchoRequest>("Echo", EchoAsync).Build());

        Assert.Contains("Count, Sum, Chat, Skipped", thrown.Message, StringComparison.Ordinal);
    }

    private static GrpcServiceBuilder Toy() => GrpcServiceDefinition.For(ToyReflection.Descriptor.Services[0]);

    private static Task<EchoRequest> EchoAsync(EchoRequest request, CallContext context) => Task.FromResult(request);
}
