using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace IotPlatform.Grpc;

/// <summary>A service of the contract with every method bound.</summary>
internal sealed class GrpcServiceDefinition
{
    internal GrpcServiceDefinition(ServiceDescriptor descriptor, IReadOnlyList<GrpcMethod> methods, bool isOpenToAll)
    {
        Descriptor = descriptor;
        Methods = methods;
        IsOpenToAll = isOpenToAll;
    }

    /// <summary>The service as the contract states it.</summary>
    public ServiceDescriptor Descriptor { get; }

    /// <summary>Its methods, in the contract's order.</summary>
    public IReadOnlyList<GrpcMethod> Methods { get; }

    /// <summary>No key is needed to call it.</summary>
    public bool IsOpenToAll { get; }

    /// <summary>Starts binding a service.</summary>
    public static GrpcServiceBuilder For(ServiceDescriptor descriptor) => new(descriptor);
}
