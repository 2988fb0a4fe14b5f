using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace IotPlatform.Grpc;

/// <summary>A unary method as something that can be called from another protocol.</summary>
internal interface IUnaryMethod
{
    /// <summary>The method as the contract states it.</summary>
    MethodDescriptor Descriptor { get; }

    /// <summary>The full name, such as <c>iot.v1.Messaging/PubBroadcast</c>.</summary>
    string FullName { get; }

    /// <summary>Has a request of the method's type answered; the handler refuses with an <see cref="RpcException"/>.</summary>
    Task<IMessage> InvokeAsync(IMessage request, CallContext context);
}
