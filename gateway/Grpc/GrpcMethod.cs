using Google.Protobuf.Reflection;
using IotPlatform.Grpc.Protocol;

namespace IotPlatform.Grpc;

/// <summary>A method of a service, bound to what answers it.</summary>
internal abstract class GrpcMethod(MethodDescriptor descriptor)
{
    /// <summary>The method as the contract states it.</summary>
    public MethodDescriptor Descriptor { get; } = descriptor;

    /// <summary>The full name, such as <c>iot.v1.Messaging/PubBroadcast</c>.</summary>
    public string FullName { get; } = $"{descriptor.Service.FullName}/{descriptor.Name}";

    /// <summary>Reads the request, has it answered and writes the messages of the answer; the status is the caller's business.</summary>
    public abstract Task RunAsync(MessageReader requests, MessageWriter responses, CallContext context);
}
