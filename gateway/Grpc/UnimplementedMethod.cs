using Google.Protobuf.Reflection;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>A method of the contract that this server leaves out on purpose.</summary>
internal sealed class UnimplementedMethod(MethodDescriptor descriptor) : GrpcMethod(descriptor)
{
    /// <inheritdoc/>
    public override Task RunAsync(MessageReader requests, MessageWriter responses, CallContext context) =>
        throw new RpcException(StatusCode.Unimplemented, $"{FullName} is not implemented.");
}
