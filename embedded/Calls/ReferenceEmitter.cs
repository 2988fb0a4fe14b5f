using System.Reflection;
using System.Reflection.Emit;

namespace IotPlatform.Embedded;

/// <summary>
/// Makes the class of an interface's references at run time. Each method packs its arguments into a <see cref="ICallBody"/> and hands it to the
/// base class; everything that decides anything is written in C# there:
/// <code>Task&lt;R&gt; M(T1 a, CancellationToken c) => (Task&lt;R&gt;)Call(index, new CallBody&lt;I, T1, CancellationToken&gt;(Invoker(index), a, c), c);</code>
/// </summary>
internal static class ReferenceEmitter
{
    private const BindingFlags Instance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Type[] Bodies =
        [typeof(CallBody<>), typeof(CallBody<,>), typeof(CallBody<,,>), typeof(CallBody<,,,>), typeof(CallBody<,,,,>)];

    private static readonly ModuleBuilder Module = DefineModule();

    /// <returns>A function from the contract to a new reference.</returns>
    public static Func<object, object> Emit(Type contract, MethodInfo[] methods, Type baseType)
    {
        lock (Module)
        {
            var type = Module.DefineType($"References.{contract.FullName}", TypeAttributes.Public | TypeAttributes.Sealed, baseType, [contract]);
            var baseConstructor = baseType.GetConstructors(Instance).Single();
            var constructor = EmitConstructor(type, baseConstructor);
            for (var i = 0; i < methods.Length; i++)
            {
                EmitMethod(type, baseType, methods[i], i);
            }

            EmitFactory(type, baseConstructor, constructor);
            return type.CreateType().GetMethod("New")!.CreateDelegate<Func<object, object>>();
        }
    }

    private static ModuleBuilder DefineModule()
    {
        var name = new AssemblyName("IotPlatform.Embedded.References");
        var assembly = AssemblyBuilder.DefineDynamicAssembly(name, AssemblyBuilderAccess.Run);

        // The runtime honours this attribute: references use this assembly's internal types.
        var ignoresAccessChecks = new CustomAttributeBuilder(
            typeof(System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!,
            [typeof(ReferenceEmitter).Assembly.GetName().Name!]);
        assembly.SetCustomAttribute(ignoresAccessChecks);
        return assembly.DefineDynamicModule(name.Name!);
    }

    private static ConstructorBuilder EmitConstructor(TypeBuilder type, ConstructorInfo baseConstructor)
    {
        var target = baseConstructor.GetParameters()[0].ParameterType;
        var constructor = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, [target]);
        var il = constructor.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Call, baseConstructor);
        il.Emit(OpCodes.Ret);
        return constructor;
    }

    private static void EmitFactory(TypeBuilder type, ConstructorInfo baseConstructor, ConstructorBuilder constructor)
    {
        var target = baseConstructor.GetParameters()[0].ParameterType;
        var il = type.DefineMethod("New", MethodAttributes.Public | MethodAttributes.Static, typeof(object), [typeof(object)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Castclass, target);
        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Ret);
    }

    private static void EmitMethod(TypeBuilder type, Type baseType, MethodInfo method, int index)
    {
        Type[] parameters = [.. method.GetParameters().Select(p => p.ParameterType)];
        var body = Bodies[parameters.Length].MakeGenericType([method.DeclaringType!, .. parameters]);
        var implementation = type.DefineMethod(
            $"{method.DeclaringType!.Name}.{method.Name}", MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final, method.ReturnType, parameters);
        var il = implementation.GetILGenerator();

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, index);

        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Call, baseType.GetMethod("Invoker", Instance)!);
        for (var i = 1; i <= parameters.Length; i++)
        {
            il.Emit(OpCodes.Ldarg, i);
            if (Arguments.NeedsOwning(parameters[i - 1]))
            {
                il.Emit(OpCodes.Call, typeof(Arguments).GetMethod(nameof(Arguments.Own))!.MakeGenericMethod(parameters[i - 1]));
            }
        }

        il.Emit(OpCodes.Newobj, body.GetConstructors()[0]);
        EmitToken(il, parameters);
        il.Emit(OpCodes.Call, baseType.GetMethod("Call", Instance)!.MakeGenericMethod(body));
        il.Emit(OpCodes.Castclass, method.ReturnType);
        il.Emit(OpCodes.Ret);
        type.DefineMethodOverride(implementation, method);
    }

    private static void EmitToken(ILGenerator il, Type[] parameters)
    {
        var index = Array.IndexOf(parameters, typeof(CancellationToken));
        if (index >= 0)
        {
            il.Emit(OpCodes.Ldarg, index + 1);
            return;
        }

        il.Emit(OpCodes.Call, typeof(CancellationToken).GetProperty(nameof(CancellationToken.None))!.GetMethod!);
    }
}
